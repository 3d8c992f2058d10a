package io.penstock.embedded.simulator;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;

/**
 * Which calls fail, and how.
 *
 * @param rate share of the calls, from 0 to 1
 * @param kinds the faults to choose among, each as likely as the next
 * @param seed decides, with the number of the call, whether and how it fails
 * @param retryAfter what a rate limit tells the caller to wait
 * @param timeout how long a timeout hangs before the connection is dropped
 * @param slow how much later than usual a slow answer begins
 */
record FaultPlan(
    BigDecimal rate,
    List<Fault> kinds,
    long seed,
    Duration retryAfter,
    Duration timeout,
    Duration slow) {

  static final Duration DEFAULT_RETRY_AFTER = Duration.ofSeconds(1);
  static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);
  static final Duration DEFAULT_SLOW = Duration.ofSeconds(2);

  static final FaultPlan NONE =
      new FaultPlan(
          BigDecimal.ZERO,
          List.of(Fault.values()),
          0,
          DEFAULT_RETRY_AFTER,
          DEFAULT_TIMEOUT,
          DEFAULT_SLOW);

  FaultPlan {
    kinds = List.copyOf(kinds);
  }
}
