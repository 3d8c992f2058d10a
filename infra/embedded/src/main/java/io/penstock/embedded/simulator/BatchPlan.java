package io.penstock.embedded.simulator;

import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How batches go.
 *
 * @param perBatch what each takes before its first item is answered
 * @param perItem what each item takes after that
 * @param window the provider's 24 hours: what is not answered by then expires
 * @param failRate share of the items that fail, from 0 to 1
 * @param failWith how those fail
 * @param expire how many of the next batches expire before their time
 * @param expireAfter share of their items that are answered before
 * @param seed decides, with the number of the batch, which items fail and in which order all go
 * @param tierSaid the service tier that answers name; null where they name none
 * @param kept how long results can be fetched
 */
record BatchPlan(
    Duration perBatch,
    Duration perItem,
    Duration window,
    BigDecimal failRate,
    BatchFault failWith,
    int expire,
    BigDecimal expireAfter,
    long seed,
    @Nullable String tierSaid,
    Duration kept) {
  /** As the price catalogue and the answers call it. */
  static final String TIER = "batch";

  static final Duration DAY = Duration.ofDays(1);
  static final Duration LONGEST_KEPT = Duration.ofDays(30);

  static final BatchPlan USUAL =
      new BatchPlan(
          Duration.ofSeconds(1),
          Duration.ofMillis(2),
          DAY,
          BigDecimal.ZERO,
          BatchFault.FAILED,
          0,
          new BigDecimal("0.5"),
          0,
          TIER,
          LONGEST_KEPT);

  /** How many of a batch's items are answered before it expires early. */
  int answeredOf(int items) {
    return expireAfter.multiply(BigDecimal.valueOf(items)).intValue();
  }
}
