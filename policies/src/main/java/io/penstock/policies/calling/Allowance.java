package io.penstock.policies.calling;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a provider said it would still take of a model, in the headers of its last answer, less what
 * was sent since (docs/measurements.md, Providers §1.4 and §2.3). Unknown is not zero.
 *
 * @param requests requests it would still take; null when it did not say
 * @param tokens tokens it would still take; null when it did not say
 * @param requestsResetAt when it would take more requests
 * @param tokensResetAt when it would take more tokens
 */
public record Allowance(
    @Nullable Long requests,
    @Nullable Long tokens,
    @Nullable Instant requestsResetAt,
    @Nullable Instant tokensResetAt) {
  public static final Allowance UNKNOWN = new Allowance(null, null, null, null);

  /** What is left once a call of so many tokens has been sent. */
  public Allowance less(long sent) {
    return new Allowance(
        requests == null ? null : Long.valueOf(requests - 1),
        tokens == null ? null : Long.valueOf(tokens - sent),
        requestsResetAt,
        tokensResetAt);
  }

  /**
   * How long a call of so many tokens should wait. A call that asks for more than is left, but
   * finds the allowance fresh, is let go: the provider may know better than our estimate.
   */
  public Duration wait(long wanted, Instant now) {
    Duration forRequests =
        requests != null && requests < 1 ? until(requestsResetAt, now) : Duration.ZERO;
    Duration forTokens =
        tokens != null && (tokens < 1 || tokens < wanted)
            ? until(tokensResetAt, now)
            : Duration.ZERO;
    return forRequests.compareTo(forTokens) > 0 ? forRequests : forTokens;
  }

  private static Duration until(@Nullable Instant then, Instant now) {
    return then == null || !then.isAfter(now) ? Duration.ZERO : Duration.between(now, then);
  }

  /** When everything that was said has passed; null when nothing was. */
  public @Nullable Instant resetAt() {
    if (requestsResetAt == null || tokensResetAt == null) {
      return requestsResetAt == null ? tokensResetAt : requestsResetAt;
    }
    return requestsResetAt.isAfter(tokensResetAt) ? requestsResetAt : tokensResetAt;
  }
}
