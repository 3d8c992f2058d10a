package io.penstock.topology.flow;

import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import java.util.List;

/**
 * An admitted request on its way through the stages. It lives in memory only, within one task.
 *
 * @param plan empty until the route stage has decided
 */
public record Pending(
    InferenceRequest request, Lane lane, String fingerprint, List<Candidate> plan) {
  public Pending {
    plan = List.copyOf(plan);
  }
}
