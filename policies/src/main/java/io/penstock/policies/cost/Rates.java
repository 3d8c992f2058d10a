package io.penstock.policies.cost;

import io.penstock.schemas.Money;
import io.penstock.schemas.Tokens;
import org.jspecify.annotations.Nullable;

/**
 * Prices per token. A missing cache rate falls back to the input rate, which over-states rather
 * than under-states (docs/measurements.md, Providers §5.1).
 */
public record Rates(
    Money input,
    @Nullable Money cacheRead,
    @Nullable Money cacheWrite,
    @Nullable Money cacheWriteLong,
    Money output) {

  /** These rates where they say something, {@code base}'s where they do not. */
  Rates over(Rates base) {
    return new Rates(
        input,
        cacheRead != null ? cacheRead : base.cacheRead,
        cacheWrite != null ? cacheWrite : base.cacheWrite,
        cacheWriteLong != null ? cacheWriteLong : base.cacheWriteLong,
        output);
  }

  Money price(Tokens tokens) {
    Money write = cacheWrite != null ? cacheWrite : input;
    return input
        .times(tokens.uncachedInput())
        .plus((cacheRead != null ? cacheRead : input).times(tokens.cacheRead()))
        .plus(write.times(tokens.cacheWrite()))
        .plus((cacheWriteLong != null ? cacheWriteLong : write).times(tokens.cacheWriteLong()))
        .plus(output.times(tokens.output()));
  }
}
