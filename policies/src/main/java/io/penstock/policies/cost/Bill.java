package io.penstock.policies.cost;

import io.penstock.schemas.Money;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Usage;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a usage costs.
 *
 * @param amount null when unknown, which is never 0
 * @param ratesVersion the price row; null when there is none
 */
record Bill(@Nullable Money amount, @Nullable String ratesVersion, Set<Note> notes) {
  static final Bill UNKNOWN = new Bill(null, null, Set.of());
  static final Bill NOTHING = new Bill(Money.ZERO, null, Set.of());

  /**
   * Prices a usage. Whatever is wrong with it, there is a bill: who reports nonsense gets an
   * unknown amount, not an exception.
   *
   * @param tier the service tier in anybody's words; null for the usual one
   */
  static Bill of(
      PriceCatalogue prices,
      String provider,
      String model,
      @Nullable String tier,
      Usage usage,
      Instant at) {
    Optional<Price> price = prices.find(provider, model, tier, at);
    if (price.isEmpty()) {
      boolean sold = prices.find(provider, model, at).isPresent();
      return sold ? new Bill(null, null, Set.of(Note.TIER_UNPRICED)) : UNKNOWN;
    }
    return at(price.get(), usage);
  }

  private static Bill at(Price price, Usage usage) {
    Set<Note> notes = EnumSet.noneOf(Note.class);
    Money amount = null;
    try {
      var tokens = Tokens.of(usage);
      if (price.derivedFor(tokens)) {
        notes.add(Note.PRICE_DERIVED);
      }
      if (price.lacksFeeFor(tokens)) {
        notes.add(Note.FEE_UNPRICED);
      } else {
        amount = price.of(tokens);
      }
    } catch (ArithmeticException e) {
      notes.add(Note.AMOUNT_TOO_LARGE);
    } catch (IllegalArgumentException e) {
      notes.add(Note.USAGE_INCONSISTENT);
    }
    return new Bill(amount, price.version(), notes);
  }

  /** Its own notes after others. */
  List<String> noted(List<String> others) {
    var all = new LinkedHashSet<>(others);
    notes.forEach(note -> all.add(note.code()));
    return List.copyOf(all);
  }

  @Nullable Long pico() {
    return amount == null ? null : amount.pico();
  }
}
