package io.penstock.ingress.batches;

import io.penstock.schemas.avro.BatchOrder;
import io.penstock.schemas.avro.BatchProgress;
import io.penstock.schemas.avro.BatchStage;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a batch.
 *
 * @param progress null before anybody began with it
 * @param cancelledAt when its owner cancelled it; null when it did not
 */
public record Batch(
    BatchOrder order, @Nullable BatchProgress progress, @Nullable Instant cancelledAt) {

  /** Whether it has come to its end. */
  public boolean over() {
    return progress != null && over(progress.getStage());
  }

  static boolean over(BatchStage stage) {
    return switch (stage) {
      case VALIDATING, IN_PROGRESS, FINALIZING -> false;
      case COMPLETED, FAILED, EXPIRED, CANCELLED -> true;
    };
  }

  /** How it stands, in OpenAI's words. */
  public String status() {
    if (cancelledAt != null && !over()) {
      return "cancelling";
    }
    return (progress == null ? BatchStage.VALIDATING : progress.getStage())
        .name()
        .toLowerCase(Locale.ROOT);
  }
}
