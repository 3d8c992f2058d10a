package io.penstock.topology;

import io.penstock.policies.admit.Admission;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.cost.Costing;
import io.penstock.policies.exactcache.Freshness;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.topology.settle.Settle;

/** The policies that the stages ask. */
public record Laws(
    Admission admission, Freshness freshness, SingleFlight singleFlight, Costing costing) {

  ModelDirectory models() {
    return admission.models();
  }

  Settle.Laws settling() {
    return new Settle.Laws(singleFlight, freshness, costing);
  }
}
