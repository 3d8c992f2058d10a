package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Prices in dollars per million tokens, as a catalogue states them; absent ones are null. */
record Rates(
    @Nullable BigDecimal input,
    @Nullable BigDecimal cacheRead,
    @Nullable BigDecimal cacheWrite,
    @Nullable BigDecimal cacheWriteLong,
    @Nullable BigDecimal output,
    @Nullable BigDecimal reasoning) {
  private static final int MILLION = 6;

  static Rates of(JsonNode prices) {
    return new Rates(
        price(prices, "input"),
        price(prices, "cache_read"),
        price(prices, "cache_write"),
        price(prices, "cache_write_long"),
        price(prices, "output"),
        price(prices, "reasoning"));
  }

  /** These rates, with what they leave out taken from {@code base}. */
  Rates over(Rates base) {
    return new Rates(
        first(input, base.input),
        first(cacheRead, base.cacheRead),
        first(cacheWrite, base.cacheWrite),
        first(cacheWriteLong, base.cacheWriteLong),
        first(output, base.output),
        first(reasoning, base.reasoning));
  }

  /** Dollars, exactly. A missing rate is billed as the next plainer kind. */
  BigDecimal cost(TokenUse use) {
    BigDecimal write = first(cacheWrite, input);
    return times(use.input(), input)
        .add(times(use.cacheRead(), first(cacheRead, input)))
        .add(times(use.cacheWrite(), write))
        .add(times(use.cacheWriteLong(), first(cacheWriteLong, write)))
        .add(times(use.output() - use.reasoning(), output))
        .add(times(use.reasoning(), first(reasoning, output)))
        .movePointLeft(MILLION);
  }

  private static BigDecimal times(long tokens, @Nullable BigDecimal rate) {
    return rate == null ? BigDecimal.ZERO : rate.multiply(BigDecimal.valueOf(tokens));
  }

  private static @Nullable BigDecimal first(
      @Nullable BigDecimal rate, @Nullable BigDecimal otherwise) {
    return rate == null ? otherwise : rate;
  }

  private static @Nullable BigDecimal price(JsonNode prices, String name) {
    JsonNode price = prices.path(name);
    if (price.isMissingNode() || price.isNull()) {
      return null;
    }
    if (!price.isTextual()) {
      throw new IllegalArgumentException(
          name + " is " + price + ": write prices as decimal strings, such as \"0.25\"");
    }
    return new BigDecimal(price.textValue());
  }
}
