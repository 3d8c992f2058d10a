package io.penstock.policies.cost;

import io.penstock.schemas.Money;
import io.penstock.schemas.Tokens;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One dated price row.
 *
 * @param version names the row in cost events, so that history can be priced again
 * @param effectiveTo exclusive; null while the price stands
 * @param tiers dearer rates for long prompts, by ascending threshold
 */
public record Price(
    String provider,
    String model,
    String version,
    Instant effectiveFrom,
    @Nullable Instant effectiveTo,
    Rates base,
    List<Tier> tiers) {

  /** Rates for the whole request once its input exceeds a number of tokens. */
  public record Tier(long aboveInputTokens, Rates rates) {}

  public Price {
    if (effectiveTo != null && !effectiveTo.isAfter(effectiveFrom)) {
      throw new IllegalArgumentException(
          provider + "/" + model + ": \"effective_to\" must be after \"effective_from\"");
    }
    tiers = tiers.stream().sorted(Comparator.comparingLong(Tier::aboveInputTokens)).toList();
  }

  /** All or nothing: a prompt over a threshold is priced at that tier from its first token. */
  public Money of(Tokens tokens) {
    Rates rates = base;
    for (Tier tier : tiers) {
      if (tokens.totalInput() > tier.aboveInputTokens()) {
        rates = tier.rates().over(base);
      }
    }
    return rates.price(tokens);
  }

  boolean standsAt(Instant at) {
    return !at.isBefore(effectiveFrom) && (effectiveTo == null || at.isBefore(effectiveTo));
  }
}
