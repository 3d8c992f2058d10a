package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;

/**
 * What became of items of batches.
 *
 * @param billed dollars for those that were answered
 */
record BatchTally(long answered, long failed, long expired, long cancelled, BigDecimal billed) {
  private static final int PICO_DIGITS = 12;

  static final BatchTally NONE = new BatchTally(0, 0, 0, 0, BigDecimal.ZERO);

  /** One item. */
  static BatchTally of(ItemEnding ending, BigDecimal cost) {
    return switch (ending) {
      case ItemEnding.Answered _ -> new BatchTally(1, 0, 0, 0, cost);
      case ItemEnding.Failed _ -> new BatchTally(0, 1, 0, 0, cost);
      case ItemEnding.Expired _ -> new BatchTally(0, 0, 1, 0, cost);
      case ItemEnding.Cancelled _ -> new BatchTally(0, 0, 0, 1, cost);
    };
  }

  BatchTally plus(BatchTally other) {
    return new BatchTally(
        answered + other.answered,
        failed + other.failed,
        expired + other.expired,
        cancelled + other.cancelled,
        billed.add(other.billed));
  }

  BatchTally minus(BatchTally other) {
    return new BatchTally(
        answered - other.answered,
        failed - other.failed,
        expired - other.expired,
        cancelled - other.cancelled,
        billed.subtract(other.billed));
  }

  ObjectNode addTo(ObjectNode json) {
    json.put("items_answered", answered);
    json.put("items_failed", failed);
    json.put("items_expired", expired);
    json.put("items_cancelled", cancelled);
    json.put("cost_usd", Json.dollars(billed));
    return json.put("cost_pico_usd", billed.movePointRight(PICO_DIGITS).toBigIntegerExact());
  }
}
