package io.penstock.workers.provider;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.Announcing.News;
import io.penstock.schemas.avro.Breaker;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How this worker finds a model of a provider.
 *
 * @param breaker whether it is called
 * @param openUntil when it is tried again; null unless the breaker is open
 * @param reason of the failure that opened the breaker; null when it is closed
 * @param remainingRequests what the provider said it would still take, less what was sent since;
 *     null when it did not say
 * @param remainingTokens likewise
 * @param resetAt when it said that it would take more
 * @param limit how many calls it makes at a time; null while it has learnt nothing
 * @param usedAt when it was last to be called
 * @param changes how often the breaker has changed: of two standings the one with more is later
 */
public record Standing(
    String provider,
    String model,
    Breaker breaker,
    @Nullable Instant openUntil,
    @Nullable Reason reason,
    @Nullable Long remainingRequests,
    @Nullable Long remainingTokens,
    @Nullable Instant resetAt,
    @Nullable Integer limit,
    Instant usedAt,
    long changes) {

  /** What is new about this one to somebody who knows {@code before}. */
  public News since(Standing before) {
    if (changes != before.changes) {
      return News.BREAKER;
    }
    boolean same =
        Objects.equals(remainingRequests, before.remainingRequests)
            && Objects.equals(remainingTokens, before.remainingTokens)
            && Objects.equals(resetAt, before.resetAt)
            && Objects.equals(limit, before.limit);
    return same ? News.NONE : News.SMALL;
  }
}
