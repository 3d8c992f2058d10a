package io.penstock.embedded.simulator;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One dated row of the price catalogue.
 *
 * @param until first moment at which the row no longer holds; null while it does
 * @param tiers by rising threshold; the last one that is passed prices the whole call
 */
record PricedModel(
    String provider,
    String name,
    Instant from,
    @Nullable Instant until,
    Rates base,
    List<Tier> tiers) {

  /** Rates of a call that reads more than {@code above} tokens. */
  record Tier(long above, Rates rates) {}

  PricedModel {
    tiers = List.copyOf(tiers);
    if (base.input() == null || base.output() == null) {
      throw new IllegalArgumentException(name + " has no price for input or output");
    }
  }

  boolean holdsAt(Instant moment) {
    return !moment.isBefore(from) && (until == null || moment.isBefore(until));
  }

  /** Whether the provider charges for writing to its prefix cache, and so reports it. */
  boolean chargesForWrites() {
    return base.cacheWrite() != null;
  }

  /** What a provider bills for a call: dollars, exactly. */
  BigDecimal cost(TokenUse use) {
    Rates rates = base;
    for (Tier tier : tiers) {
      if (use.totalInput() > tier.above()) {
        rates = tier.rates().over(base);
      }
    }
    return rates.cost(use);
  }
}
