package io.penstock.policies.cost;

import io.penstock.schemas.Money;
import io.penstock.schemas.Tokens;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One dated price row of one service tier.
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
    List<Tier> tiers,
    Terms terms) {

  /**
   * Rates for the whole request once its input exceeds a number of tokens.
   *
   * @param derived whether they were worked out, not stated by the provider
   */
  public record Tier(long aboveInputTokens, Rates rates, boolean derived) {
    public Tier(long aboveInputTokens, Rates rates) {
      this(aboveInputTokens, rates, false);
    }

    static List<Tier> ascending(List<Tier> tiers) {
      return tiers.stream().sorted(Comparator.comparingLong(Tier::aboveInputTokens)).toList();
    }
  }

  /**
   * What else a row may say.
   *
   * @param serviceTier ours, see {@link ServiceTier}
   * @param windows times at which other rates hold; the first that holds counts
   * @param regions what a region adds to the bill for tokens
   * @param webSearch the fee for one search; null when unknown
   * @param multiplier of the bill for tokens
   * @param derived whether the row was worked out, not stated by the provider
   */
  public record Terms(
      String serviceTier,
      List<Window> windows,
      Map<String, Multiplier> regions,
      @Nullable Money webSearch,
      Multiplier multiplier,
      boolean derived) {
    public static final Terms USUAL =
        new Terms(ServiceTier.DEFAULT, List.of(), Map.of(), null, Multiplier.ONE, false);

    public Terms {
      windows = List.copyOf(windows);
      regions = Map.copyOf(regions);
    }
  }

  public Price {
    if (effectiveTo != null && !effectiveTo.isAfter(effectiveFrom)) {
      throw new IllegalArgumentException(
          provider + "/" + model + ": \"effective_to\" must be after \"effective_from\"");
    }
    tiers = Tier.ascending(tiers);
  }

  public Price(
      String provider,
      String model,
      String version,
      Instant effectiveFrom,
      @Nullable Instant effectiveTo,
      Rates base,
      List<Tier> tiers) {
    this(provider, model, version, effectiveFrom, effectiveTo, base, tiers, Terms.USUAL);
  }

  /**
   * All or nothing: a prompt over a threshold is priced at that tier from its first token. What a
   * region or a tier multiplies is the bill for tokens; fees by the piece are added as they are.
   *
   * @throws ArithmeticException when it is beyond all bounds
   */
  public Money of(Tokens tokens) {
    Money search = terms.webSearch == null ? Money.ZERO : terms.webSearch;
    return terms
        .multiplier
        .of(rates(tokens).price(tokens))
        .plus(search.times(tokens.special().webSearches()));
  }

  /**
   * What so many tokens cost at most: each at the dearest rate of its side, at the dearest time of
   * day and in the dearest tier that so long a prompt may come into.
   *
   * @param plain whether all of it is text
   * @throws ArithmeticException when it is beyond all bounds
   */
  Money atMost(long input, long output, boolean plain) {
    Money perInput = Money.ZERO;
    Money perOutput = Money.ZERO;
    for (Rates rates : ratesUpTo(input)) {
      perInput = dearer(perInput, rates.dearest(Rate.OF_INPUT, plain));
      perOutput = dearer(perOutput, rates.dearest(Rate.OF_OUTPUT, plain));
    }
    return terms.multiplier.of(perInput.times(input).plus(perOutput.times(output)));
  }

  private static Money dearer(Money one, Money other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  private List<Rates> ratesUpTo(long input) {
    var all = new ArrayList<Rates>(List.of(base));
    tiers.stream()
        .filter(tier -> tier.aboveInputTokens < input)
        .forEach(tier -> all.add(tier.rates.over(base)));
    for (Window window : terms.windows) {
      Rates then = window.rates().over(base);
      all.add(then);
      window.tiers().stream()
          .filter(tier -> tier.aboveInputTokens < input)
          .forEach(tier -> all.add(tier.rates.over(then)));
    }
    return all;
  }

  /** Whether anything in the bill was worked out, not stated by the provider. */
  boolean derivedFor(Tokens tokens) {
    Tier tier = tier(tokens);
    return terms.derived || (tier != null && tier.derived) || rates(tokens).guesses(tokens);
  }

  /** Whether something was used that is charged by the piece, at a price that nobody told us. */
  boolean lacksFeeFor(Tokens tokens) {
    return tokens.special().webSearches() > 0 && terms.webSearch == null;
  }

  private Rates rates(Tokens tokens) {
    Tier tier = tier(tokens);
    return tier == null ? base : tier.rates.over(base);
  }

  private @Nullable Tier tier(Tokens tokens) {
    Tier passed = null;
    for (Tier tier : tiers) {
      if (tokens.totalInput() > tier.aboveInputTokens) {
        passed = tier;
      }
    }
    return passed;
  }

  boolean standsAt(Instant at) {
    return !at.isBefore(effectiveFrom) && (effectiveTo == null || at.isBefore(effectiveTo));
  }

  /** This price with the rates of the time of day. */
  Price at(Instant at) {
    return terms.windows.stream()
        .filter(window -> window.holdsAt(at))
        .findFirst()
        .map(window -> with(window.rates().over(base), window.tiers()))
        .orElse(this);
  }

  private Price with(Rates rates, List<Tier> instead) {
    return new Price(provider, model, version, effectiveFrom, effectiveTo, rates, instead, terms);
  }

  /** This price in a region; the same where that makes no difference. */
  Price in(@Nullable String region) {
    Multiplier uplift = region == null ? null : terms.regions.get(region);
    return uplift == null
        ? this
        : with(version + "&" + region, terms.serviceTier, uplift, terms.derived);
  }

  /** A guess at the price of a tier that has no row: half. */
  Price halvedFor(String serviceTier) {
    return with(version + "#" + serviceTier + "=1/2", serviceTier, Multiplier.HALF, true);
  }

  private Price with(String version, String serviceTier, Multiplier by, boolean derived) {
    return new Price(
        provider,
        model,
        version,
        effectiveFrom,
        effectiveTo,
        base,
        tiers,
        new Terms(
            serviceTier,
            terms.windows,
            terms.regions,
            terms.webSearch,
            terms.multiplier.times(by),
            derived));
  }
}
