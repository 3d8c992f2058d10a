package io.penstock.policies.cost;

import io.penstock.schemas.Money;
import io.penstock.schemas.Tokens;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Prices per token. A missing cache rate falls back to the input rate, which over-states rather
 * than under-states; reasoning is output, and an image is input, unless they have a rate of their
 * own (docs/measurements.md, Providers §5.1).
 */
public record Rates(Map<Rate, Money> perToken) {

  public Rates {
    perToken = Map.copyOf(perToken);
  }

  public Rates(
      Money input,
      @Nullable Money cacheRead,
      @Nullable Money cacheWrite,
      @Nullable Money cacheWriteLong,
      Money output) {
    this(usual(input, cacheRead, cacheWrite, cacheWriteLong, output));
  }

  private static Map<Rate, Money> usual(
      Money input,
      @Nullable Money cacheRead,
      @Nullable Money cacheWrite,
      @Nullable Money cacheWriteLong,
      Money output) {
    var rates = new EnumMap<Rate, Money>(Map.of(Rate.INPUT, input, Rate.OUTPUT, output));
    if (cacheRead != null) {
      rates.put(Rate.CACHE_READ, cacheRead);
    }
    if (cacheWrite != null) {
      rates.put(Rate.CACHE_WRITE, cacheWrite);
    }
    if (cacheWriteLong != null) {
      rates.put(Rate.CACHE_WRITE_LONG, cacheWriteLong);
    }
    return rates;
  }

  /** The rate that is stated; null when none is. */
  @Nullable Money stated(Rate rate) {
    return perToken.get(rate);
  }

  public Money input() {
    return stated(Rate.INPUT, Money.ZERO);
  }

  public @Nullable Money cacheRead() {
    return stated(Rate.CACHE_READ);
  }

  public @Nullable Money cacheWrite() {
    return stated(Rate.CACHE_WRITE);
  }

  public @Nullable Money cacheWriteLong() {
    return stated(Rate.CACHE_WRITE_LONG);
  }

  public Money output() {
    return stated(Rate.OUTPUT, Money.ZERO);
  }

  /** These rates where they say something, {@code base}'s where they do not. */
  Rates over(Rates base) {
    var both = new EnumMap<Rate, Money>(Rate.class);
    both.putAll(base.perToken);
    both.putAll(perToken);
    return new Rates(both);
  }

  /** Whether what these tokens cost had to be taken from a rate for something else. */
  boolean guesses(Tokens tokens) {
    return (tokens.special().audioInput() > 0 && stated(Rate.AUDIO_INPUT) == null)
        || (tokens.special().audioOutput() > 0 && stated(Rate.AUDIO_OUTPUT) == null);
  }

  Money price(Tokens tokens) {
    Tokens.Special special = tokens.special();
    Money input = input();
    Money output = output();
    Money write = stated(Rate.CACHE_WRITE, input);
    return input
        .times(tokens.uncachedInput() - special.audioInput() - special.imageInput())
        .plus(stated(Rate.AUDIO_INPUT, input).times(special.audioInput()))
        .plus(stated(Rate.IMAGE_INPUT, input).times(special.imageInput()))
        .plus(stated(Rate.CACHE_READ, input).times(tokens.cacheRead()))
        .plus(write.times(tokens.cacheWrite()))
        .plus(stated(Rate.CACHE_WRITE_LONG, write).times(tokens.cacheWriteLong()))
        .plus(output.times(tokens.output() - tokens.reasoning() - special.audioOutput()))
        .plus(stated(Rate.REASONING, output).times(tokens.reasoning()))
        .plus(stated(Rate.AUDIO_OUTPUT, output).times(special.audioOutput()));
  }

  /**
   * The dearest of some rates.
   *
   * @param plain whether it is text alone, which is never charged as sound or as an image
   */
  Money dearest(Set<Rate> rates, boolean plain) {
    return rates.stream()
        .filter(rate -> !plain || !rate.special())
        .map(rate -> stated(rate, Money.ZERO))
        .max(Money::compareTo)
        .orElse(Money.ZERO);
  }

  private Money stated(Rate rate, Money otherwise) {
    return perToken.getOrDefault(rate, otherwise);
  }
}
