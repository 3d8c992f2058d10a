package io.penstock.workers;

import java.time.Duration;

/**
 * A moment until which something may be done, by the clock of this process that nobody sets.
 *
 * @param nanoTime as {@link System#nanoTime()} counts
 */
record TimeLimit(long nanoTime) {

  /** The moment that is {@code patience} away. */
  static TimeLimit in(Duration patience) {
    return new TimeLimit(System.nanoTime() + patience.toNanos());
  }

  boolean passed() {
    return left().isNegative();
  }

  /** The time until then; negative when it has passed. */
  Duration left() {
    return Duration.ofNanos(nanoTime - System.nanoTime());
  }
}
