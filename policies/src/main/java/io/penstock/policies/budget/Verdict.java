package io.penstock.policies.budget;

import io.penstock.policies.Reason;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Reservation;
import io.penstock.schemas.avro.ReservationStage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What becomes of a dispatch that wants money. */
public sealed interface Verdict {
  /** How old news of a pot may be to refuse whoever has just come. */
  Duration NEWS = Duration.ofSeconds(1);

  /** There is enough in every pot. */
  record Go() implements Verdict {}

  /** There may be enough later. */
  record Wait() implements Verdict {}

  /** There is not, and will not be in time. */
  record Refused(Failure failure) implements Verdict {}

  /**
   * Judges a dispatch that waits.
   *
   * @param purses of its hard pots
   */
  static Verdict of(Reservation waiting, List<Purse> purses, Budgets budgets, Instant now) {
    Long amount = waiting.getAmountPicoUsd();
    Optional<Failure> never =
        refused(amount, purses, budgets, waiting.getSince(), waiting.getDeadlineAt());
    if (!now.isBefore(waiting.getDeadlineAt())) {
      return new Refused(never.orElseGet(() -> busy(purses)));
    }
    if (amount != null
        && purses.stream()
            .filter(purse -> budgets.ofPot(purse.slice().getPot()).isPresent())
            .allMatch(purse -> covers(purse, waiting, amount))) {
      return new Go();
    }
    return never.<Verdict>map(Refused::new).orElseGet(Wait::new);
  }

  private static boolean covers(Purse purse, Reservation waiting, long amount) {
    // What is already set aside for it needs not be there once more.
    long more = waiting.getStage() == ReservationStage.OPEN ? 0 : amount;
    return purse.available() >= more;
  }

  /** Why a request that has just come is not even looked at further, if that is clear already. */
  static Optional<Failure> atOnce(
      @Nullable Money amount, List<Purse> purses, Budgets budgets, Instant now) {
    return refused(amount == null ? null : amount.pico(), purses, budgets, now.minus(NEWS), now);
  }

  private static Optional<Failure> refused(
      @Nullable Long amount,
      List<Purse> purses,
      Budgets budgets,
      Instant askedSince,
      Instant until) {
    for (Purse purse : purses) {
      Optional<Budget> budget = budgets.ofPot(purse.slice().getPot());
      if (budget.isEmpty()) {
        continue;
      }
      if (amount == null) {
        if (budget.get().unknownPrices()) {
          continue;
        }
        return Optional.of(unpriced(budget.get()));
      }
      Long known = purse.remaining(askedSince);
      long remaining = known == null ? budget.get().limit().pico() : known;
      // What costs nothing, or nobody knows how much, goes on until a budget is overdrawn.
      if (amount > remaining || (amount == 0 && purse.overdrawn(askedSince))) {
        return Optional.of(exhausted(budget.get(), purse, amount, remaining, until));
      }
    }
    return Optional.empty();
  }

  private static Failure busy(List<Purse> purses) {
    Failure failure =
        Reason.BUDGET_BUSY.because(
            "what is left of the budget is set aside for calls that are still running, and none of"
                + " it came back before the deadline: try again");
    return new Failure(
        failure.getCode(),
        failure.getMessage(),
        null,
        failure.getRetryable(),
        null,
        purses.stream()
            .map(Purse::remaining)
            .filter(Objects::nonNull)
            .min(Long::compareTo)
            .orElse(null));
  }

  private static Failure unpriced(Budget budget) {
    return Reason.PRICE_UNKNOWN.because(
        "nobody can tell what this call may cost, for the price of its model is unknown or it lets the provider search, fetch or run something, and %s has a budget that must hold: add the model to the price file, leave that out, or let the budget allow unknown prices"
            .formatted(budget.owner()));
  }

  private static Failure exhausted(
      Budget budget, Purse purse, long amount, long remaining, Instant now) {
    Instant endsAt = purse.slice().getEndsAt();
    String sentence =
        "%s may spend %s %s, %s of it remain%s, and this call may cost up to %s: raise the budget, or ask for less with max_tokens"
            .formatted(
                budget.owner(),
                budget.limit(),
                switch (budget.period()) {
                  case TOTAL -> "in all";
                  case DAY -> "a day";
                  case MONTH -> "a month";
                },
                new Money(remaining),
                endsAt == null ? "" : " until " + endsAt,
                new Money(amount));
    Failure failure = Reason.BUDGET_EXHAUSTED.because(sentence);
    return new Failure(
        failure.getCode(),
        failure.getMessage(),
        null,
        failure.getRetryable(),
        endsAt == null || !endsAt.isAfter(now)
            ? null
            : Long.valueOf(Duration.between(now, endsAt).toMillis()),
        remaining);
  }
}
