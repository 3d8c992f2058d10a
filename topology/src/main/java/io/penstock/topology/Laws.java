package io.penstock.topology;

import io.penstock.policies.admit.Admission;
import io.penstock.policies.batch.WindowRules;
import io.penstock.policies.batch.Windowing;
import io.penstock.policies.budget.Budgets;
import io.penstock.policies.budget.Ceiling;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.cost.Costing;
import io.penstock.policies.exactcache.Freshness;
import io.penstock.policies.prefix.PromptCaching;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.topology.budget.Spending;
import io.penstock.topology.dispatch.Dispatching;
import io.penstock.topology.settle.Settle;

/**
 * The policies that the stages ask.
 *
 * @param marksPrompts whether providers are told what to cache
 * @param windows how long dispatches wait for others
 */
public record Laws(
    Admission admission,
    Freshness freshness,
    SingleFlight singleFlight,
    Costing costing,
    Budgets budgets,
    boolean marksPrompts,
    WindowRules windows) {

  public Laws(
      Admission admission,
      Freshness freshness,
      SingleFlight singleFlight,
      Costing costing,
      Budgets budgets) {
    this(admission, freshness, singleFlight, costing, budgets, true, WindowRules.DEFAULT);
  }

  /** Without budgets. */
  public Laws(
      Admission admission, Freshness freshness, SingleFlight singleFlight, Costing costing) {
    this(admission, freshness, singleFlight, costing, Budgets.NONE);
  }

  /** The same, but that providers are told nothing of their prefix caches. */
  public Laws leavingPromptCachesAlone() {
    return new Laws(admission, freshness, singleFlight, costing, budgets, false, windows);
  }

  /** The same, but for how long dispatches wait for others. */
  public Laws waitingBy(WindowRules rules) {
    return new Laws(admission, freshness, singleFlight, costing, budgets, marksPrompts, rules);
  }

  Dispatching.Laws dispatching() {
    return new Dispatching.Laws(singleFlight, spending(), windowing());
  }

  Windowing windowing() {
    return new Windowing(new PromptCaching(costing.prices(), marksPrompts), windows);
  }

  ModelDirectory models() {
    return admission.models();
  }

  Spending.Laws spending() {
    return new Spending.Laws(budgets, new Ceiling(costing.prices(), budgets.assumedOutput()));
  }

  Settle.Laws settling() {
    return new Settle.Laws(singleFlight, freshness, costing, spending(), windowing());
  }
}
