package io.penstock.topology;

import io.penstock.policies.admit.Admission;
import io.penstock.policies.batch.JobRules;
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
 * @param jobs how they are put together for the batch APIs of providers
 */
public record Laws(
    Admission admission,
    Freshness freshness,
    SingleFlight singleFlight,
    Costing costing,
    Budgets budgets,
    boolean marksPrompts,
    WindowRules windows,
    JobRules jobs) {

  public Laws(
      Admission admission,
      Freshness freshness,
      SingleFlight singleFlight,
      Costing costing,
      Budgets budgets) {
    this(
        admission,
        freshness,
        singleFlight,
        costing,
        budgets,
        true,
        WindowRules.DEFAULT,
        JobRules.NONE);
  }

  /** Without budgets. */
  public Laws(
      Admission admission, Freshness freshness, SingleFlight singleFlight, Costing costing) {
    this(admission, freshness, singleFlight, costing, Budgets.NONE);
  }

  /** The same, but that providers are told nothing of their prefix caches. */
  public Laws leavingPromptCachesAlone() {
    return new Laws(admission, freshness, singleFlight, costing, budgets, false, windows, jobs);
  }

  /** The same, but for how long dispatches wait for others. */
  public Laws waitingBy(WindowRules rules) {
    return new Laws(
        admission, freshness, singleFlight, costing, budgets, marksPrompts, rules, jobs);
  }

  /** The same, but for the jobs that batch dispatches are put into. */
  public Laws batchingBy(JobRules rules) {
    return new Laws(
        admission, freshness, singleFlight, costing, budgets, marksPrompts, windows, rules);
  }

  Dispatching.Laws dispatching() {
    return new Dispatching.Laws(singleFlight, spending(), windowing());
  }

  Windowing windowing() {
    return new Windowing(new PromptCaching(costing.prices(), marksPrompts), windows, jobs);
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
