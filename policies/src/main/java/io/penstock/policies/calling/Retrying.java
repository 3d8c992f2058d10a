package io.penstock.policies.calling;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a worker tries again. The delays are those of the providers' own SDKs (docs/measurements.md,
 * Providers §1.4); the worker is the only layer that retries.
 *
 * @param maxAttempts calls for one dispatch by one worker
 * @param firstDelay doubled with each further attempt
 * @param longestDelay bound on our own delays
 * @param longestRetryAfter a provider that asks for more is not waited for
 */
public record Retrying(
    int maxAttempts, Duration firstDelay, Duration longestDelay, Duration longestRetryAfter) {

  public static final Retrying DEFAULT =
      new Retrying(5, Duration.ofMillis(500), Duration.ofSeconds(8), Duration.ofMinutes(2));

  private static final double LEAST_JITTER = 0.75;
  private static final int FREE_WAITS = 8;

  public Retrying {
    if (maxAttempts < 1) {
      throw new IllegalArgumentException("at least one attempt, not " + maxAttempts);
    }
  }

  /** What to do after an attempt without an answer. */
  public sealed interface Decision {
    /** Call again after {@code delay}. */
    record Again(Duration delay) implements Decision {}

    /** The failure stands. */
    record GiveUp() implements Decision {}
  }

  /**
   * Decides after a failure that may pass.
   *
   * @param tries calls this worker has made for the dispatch, 1 or more
   * @param retryAfter the provider's wish, if it had one
   * @param budget what is left for retries
   * @param jitter uniform in [0, 1), so that retries of many workers spread
   */
  Decision decide(
      int tries,
      @Nullable Duration retryAfter,
      RetryBudget budget,
      Instant deadlineAt,
      Instant now,
      double jitter) {
    if (tries >= maxAttempts || !budget.allows()) {
      return new Decision.GiveUp();
    }
    if (retryAfter != null && retryAfter.compareTo(longestRetryAfter) > 0) {
      return new Decision.GiveUp();
    }
    Duration delay =
        retryAfter != null && retryAfter.isPositive() ? retryAfter : backoff(tries, jitter);
    return now.plus(delay).isBefore(deadlineAt) ? new Decision.Again(delay) : new Decision.GiveUp();
  }

  /**
   * How long to wait for a provider that only asks for patience, and said for how much: as long as
   * it is worth waiting for at all, however often it asks. It beats nobody, so no budget limits it;
   * but the waits grow, lest a day's patience become a day's calls.
   *
   * @param waits how often it has been waited for
   * @return empty when it did not say, asked for too much, or the deadline comes first
   */
  Optional<Duration> pace(
      int waits, @Nullable Duration retryAfter, Instant deadlineAt, Instant now, double jitter) {
    if (retryAfter == null
        || !retryAfter.isPositive()
        || retryAfter.compareTo(longestRetryAfter) > 0) {
      return Optional.empty();
    }
    // Whoever was refused together should not come back together.
    Duration spread = Duration.ofMillis(Math.round(firstDelay.toMillis() * jitter / 2));
    Duration more =
        waits < FREE_WAITS ? Duration.ZERO : backoff(Math.min(waits - FREE_WAITS, 6) + 1, jitter);
    Duration delay = retryAfter.plus(spread).plus(more);
    return now.plus(delay).isBefore(deadlineAt) ? Optional.of(delay) : Optional.empty();
  }

  private Duration backoff(int tries, double jitter) {
    long doubled = firstDelay.toMillis() << Math.min(tries - 1, 20);
    long bounded = Math.min(doubled, longestDelay.toMillis());
    return Duration.ofMillis(Math.round(bounded * (LEAST_JITTER + (1 - LEAST_JITTER) * jitter)));
  }
}
