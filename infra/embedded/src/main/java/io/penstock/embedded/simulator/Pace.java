package io.penstock.embedded.simulator;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * The time that one call takes. It watches the caller while it waits, so that a call whose caller
 * hangs up ends soon after. For the thread that handles the call.
 */
final class Pace {
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  private final long start = System.nanoTime();
  private final Latency latency;
  private final int inFlight;
  private final BooleanSupplier over;

  /**
   * Begins now.
   *
   * @param over whether there is nobody left to wait for
   */
  Pace(Latency latency, int inFlight, BooleanSupplier over) {
    this.latency = latency;
    this.inFlight = inFlight;
    this.over = over;
  }

  /** Whether output token number {@code token} (from 1) is ready already. */
  boolean hasReached(long token) {
    return nanosUntil(latency.until(token, inFlight)) <= 0;
  }

  /** How many output tokens are ready now. */
  long reached() {
    return latency.ready(elapsed(), inFlight);
  }

  /** Since the call began. */
  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Waits for an output token; false when there is nobody left to wait for. */
  boolean awaitToken(long token) {
    return await(latency.until(token, inFlight));
  }

  /** Waits until {@code moment} of the call; false when there is nobody left to wait for. */
  boolean await(Duration moment) {
    while (!over.getAsBoolean()) {
      long nanos = nanosUntil(moment);
      if (nanos <= 0) {
        return true;
      }
      sleep(Math.min(nanos, LOOK_EVERY.toNanos()));
    }
    return false;
  }

  private long nanosUntil(Duration moment) {
    return start + moment.toNanos() - System.nanoTime();
  }

  private static void sleep(long nanos) {
    try {
      Thread.sleep(Duration.ofNanos(nanos));
    } catch (InterruptedException e) {
      // Nobody interrupts a handler of the simulator but its server when it stops.
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
