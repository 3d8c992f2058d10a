package io.penstock.policies.budget;

import io.penstock.policies.budget.Treasury.Spender;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What everybody in a {@link BudgetWalk} has in common: the clock, chance, and what the world sees,
 * which is the calls that were made and what they cost.
 */
final class BudgetWorld {
  static final String TENANT = "acme";
  static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  final Budgets budgets;

  /** Whether ends of calls may be guessed. */
  final boolean orphans;

  final Random random;
  final List<String> log = new ArrayList<>();
  final List<Call> calls = new ArrayList<>();

  /** What the calls that have ended did cost, by pot. */
  final Map<String, Long> spent = new HashMap<>();

  /** How many dispatches were asked for. */
  int asked;

  Instant now = NOON;

  /** Since when somebody has waited although nobody would have to, and nothing has crashed. */
  Instant enoughSince = NOON;

  /** A call that is out, queued or running: it may cost what was set aside. */
  record Call(WalkingTask.Dispatch dispatch, String attemptId) {}

  BudgetWorld(long seed, Budgets budgets, boolean orphans) {
    this.random = new Random(seed);
    this.budgets = budgets;
    this.orphans = orphans;
  }

  /** All budgets that there are. */
  List<Budget> budgets() {
    return budgets.potsOf(TENANT, "k1", NOON).stream().map(Pot::budget).toList();
  }

  static String potOf(Budget budget) {
    return budget.potAt(NOON).id();
  }

  List<String> potsOf(Spender spender) {
    return budgets.potsOf(spender.tenant(), spender.keyId(), NOON).stream().map(Pot::id).toList();
  }

  long spent(String pot) {
    return spent.getOrDefault(pot, 0L);
  }

  void spend(Spender spender, long cost) {
    potsOf(spender).forEach(pot -> spent.merge(pot, cost, Long::sum));
  }

  /** What was spent of a pot, and what the calls that are out may cost yet. */
  long atRisk(String pot) {
    return spent(pot)
        + calls.stream()
            .filter(call -> potsOf(call.dispatch().spender).contains(pot))
            .mapToLong(call -> call.dispatch().amount)
            .sum();
  }

  /** Whether what was spent leaves enough for a dispatch in every budget that must hold. */
  boolean hasMoneyFor(WalkingTask.Dispatch dispatch) {
    return budgets().stream()
        .filter(budget -> budget.hard() && potsOf(dispatch.spender).contains(potOf(budget)))
        .allMatch(budget -> dispatch.amount <= budget.limit().pico() - spent(potOf(budget)));
  }

  /** Logs it with the time. */
  void say(String what) {
    log.add(now + " " + what);
  }
}
