package io.penstock.ingress.providers;

import io.penstock.schemas.avro.ProviderState;
import java.time.Instant;

/**
 * What one worker told of one model.
 *
 * @param state as it told it last
 * @param since when it first told that the breaker stands so, as far as this instance has seen
 */
public record Finding(ProviderState state, Instant since) {

  /** What becomes of it when the same worker tells more. */
  Finding then(ProviderState next) {
    return new Finding(next, next.getBreaker() == state.getBreaker() ? since : next.getAt());
  }
}
