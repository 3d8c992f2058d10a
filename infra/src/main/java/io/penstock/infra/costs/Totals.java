package io.penstock.infra.costs;

import io.penstock.policies.cost.Repricing;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * What pricing events again comes to, in pico-dollars. What is unknown adds nothing.
 *
 * @param changed events whose amount is another
 * @param known those of {@code changed} whose amount was unknown
 * @param unpriced events that the new prices say nothing of
 */
public record Totals(
    long events,
    long changed,
    long known,
    long unpriced,
    BigInteger spentBefore,
    BigInteger spentAfter,
    BigInteger avoidedBefore,
    BigInteger avoidedAfter) {
  private static final BigInteger NONE = BigInteger.ZERO;
  static final Totals NOTHING = new Totals(0, 0, 0, 0, NONE, NONE, NONE, NONE);

  static Totals of(CostEvent event, Repricing.Outcome outcome) {
    CostEvent after =
        switch (outcome) {
          case Repricing.Outcome.Changed(var changed, _) -> changed;
          case Repricing.Outcome.Same same -> event;
          case Repricing.Outcome.Unpriced unpriced -> event;
        };
    boolean spent = event.getCause() == Cause.PROVIDER;
    BigInteger was = amount(Repricing.amount(event));
    BigInteger is = amount(Repricing.amount(after));
    return new Totals(
        1,
        outcome instanceof Repricing.Outcome.Changed ? 1 : 0,
        outcome instanceof Repricing.Outcome.Changed(_, boolean unknown) && unknown ? 1 : 0,
        outcome instanceof Repricing.Outcome.Unpriced ? 1 : 0,
        spent ? was : NONE,
        spent ? is : NONE,
        spent ? NONE : was,
        spent ? NONE : is);
  }

  Totals plus(Totals other) {
    return new Totals(
        events + other.events,
        changed + other.changed,
        known + other.known,
        unpriced + other.unpriced,
        spentBefore.add(other.spentBefore),
        spentAfter.add(other.spentAfter),
        avoidedBefore.add(other.avoidedBefore),
        avoidedAfter.add(other.avoidedAfter));
  }

  static BigDecimal usd(BigInteger pico) {
    return new BigDecimal(Money.toUsd(pico));
  }

  private static BigInteger amount(@Nullable Long pico) {
    return pico == null ? NONE : BigInteger.valueOf(pico);
  }
}
