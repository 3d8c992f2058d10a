package io.penstock.embedded.simulator;

import java.time.Duration;

/**
 * How long the simulator takes to answer. The first token comes after {@code toFirstToken}, plus
 * {@code perExtraCall} for each call in flight beyond {@code freeCalls}; each further token takes
 * {@code perOutputToken}. Values below zero, and waits above {@link #LONGEST}, are an {@link
 * IllegalArgumentException}.
 */
public record Latency(
    Duration toFirstToken, Duration perOutputToken, int freeCalls, Duration perExtraCall) {

  /** The longest that any one of the durations may be. */
  public static final Duration LONGEST = Duration.ofMinutes(10);

  /** Answers at once. */
  public static final Latency NONE = new Latency(Duration.ZERO, Duration.ZERO, 0, Duration.ZERO);

  /** The pace of a small hosted model that is not busy, however many call it. */
  public static final Latency MODEST =
      new Latency(Duration.ofMillis(120), Duration.ofMillis(2), 0, Duration.ZERO);

  public Latency {
    check("toFirstToken", toFirstToken);
    check("perOutputToken", perOutputToken);
    check("perExtraCall", perExtraCall);
    if (freeCalls < 0) {
      throw new IllegalArgumentException(
          "freeCalls is "
              + freeCalls
              + ": give the number of calls served at full pace, 0 or more");
    }
  }

  /**
   * When output token number {@code token} (from 1) is ready, counted from the start of the call.
   *
   * @param inFlight calls in flight when this one began, itself included
   */
  Duration until(long token, int inFlight) {
    return toFirstToken
        .plus(perExtraCall.multipliedBy(Math.max(0, inFlight - freeCalls)))
        .plus(perOutputToken.multipliedBy(Math.max(0, token - 1)));
  }

  /**
   * How many output tokens are ready at a moment of the call.
   *
   * @param inFlight as in {@link #until}
   */
  long ready(Duration elapsed, int inFlight) {
    Duration sinceFirst = elapsed.minus(until(1, inFlight));
    if (sinceFirst.isNegative()) {
      return 0;
    }
    return perOutputToken.isZero()
        ? Long.MAX_VALUE
        : 1 + sinceFirst.toNanos() / perOutputToken.toNanos();
  }

  /** The same pace, so many times slower; never slower than {@link #LONGEST}. */
  Latency slower(int factor) {
    return new Latency(
        atMostLongest(toFirstToken.multipliedBy(factor)),
        atMostLongest(perOutputToken.multipliedBy(factor)),
        freeCalls,
        atMostLongest(perExtraCall.multipliedBy(factor)));
  }

  private static Duration atMostLongest(Duration wait) {
    return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
  }

  /** The same pace, begun later; never later than {@link #LONGEST}. */
  Latency later(Duration wait) {
    return new Latency(
        atMostLongest(toFirstToken.plus(wait)), perOutputToken, freeCalls, perExtraCall);
  }

  private static void check(String name, Duration value) {
    if (value.isNegative() || value.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          name + " is " + value + ": give a duration from 0 to " + LONGEST);
    }
  }
}
