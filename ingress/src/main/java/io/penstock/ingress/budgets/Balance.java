package io.penstock.ingress.budgets;

import io.penstock.policies.budget.Budget;
import io.penstock.policies.budget.Period;
import io.penstock.schemas.avro.BudgetState;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What was spent of a budget in its present period, and what remains. Amounts are in pico-dollars.
 *
 * @param keyId null for the whole tenant's
 * @param reserved what is set aside for calls that are out, or about to be
 * @param asOf when somebody last told; null when nobody has used it yet
 */
public record Balance(
    String tenant,
    @Nullable String keyId,
    Period period,
    Period.Window window,
    boolean hard,
    long limit,
    long spent,
    long reserved,
    @Nullable Instant asOf) {

  /** A budget that nobody has used. */
  static Balance unused(Budget budget, Instant now) {
    return new Balance(
        budget.tenant(),
        budget.keyId(),
        budget.period(),
        budget.period().at(now),
        budget.hard(),
        budget.limit().pico(),
        0,
        0,
        null);
  }

  /** As told; of a period that has ended nothing counts any more. */
  static Balance of(BudgetState state, Instant now) {
    Instant endsAt = state.getEndsAt();
    boolean over = endsAt != null && !now.isBefore(endsAt);
    Period period = Period.valueOf(state.getPeriod().toUpperCase(Locale.ROOT));
    return new Balance(
        state.getTenant(),
        state.getKeyId(),
        period,
        period.at(now),
        state.getHard(),
        state.getLimitPicoUsd(),
        over ? 0 : state.getSpentPicoUsd(),
        over ? 0 : state.getReservedPicoUsd(),
        state.getAt());
  }

  /** What may still be spent, that which is set aside included. */
  public long remaining() {
    return Math.max(0, limit - spent);
  }

  public boolean exceeded() {
    return spent > limit;
  }
}
