package io.penstock.policies.coalesce;

import java.time.Duration;

/**
 * The numbers of single flight.
 *
 * @param startGrace how long news of a start may take: a deadline is judged that much later, and
 *     after a restart nothing is judged sooner, so that what happened meanwhile can be read
 * @param keep how long what is needed to repeat an output outlives that output; many commit
 *     intervals, and longer than any pause of a commit that is not itself a crash
 * @param retryGrace how long after its announced wait a worker may take to start its next attempt
 * @param maxAttempts attempts at one dispatch, counting those whose worker vanished
 * @param maxHandovers how many leaders may fail before all followers do
 */
public record Rules(
    Duration startGrace, Duration keep, Duration retryGrace, int maxAttempts, int maxHandovers) {

  public static final Rules DEFAULT =
      new Rules(Duration.ofSeconds(2), Duration.ofSeconds(5), Duration.ofSeconds(5), 8, 3);

  public Rules {
    if (startGrace.isNegative() || keep.isNegative() || retryGrace.isNegative()) {
      throw new IllegalArgumentException("durations must not be negative");
    }
    if (maxAttempts < 1 || maxHandovers < 0) {
      throw new IllegalArgumentException("at least one attempt, at least no handover");
    }
  }
}
