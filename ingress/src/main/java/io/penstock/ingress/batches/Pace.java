package io.penstock.ingress.batches;

import io.penstock.schemas.avro.BatchProgress;
import io.penstock.schemas.avro.BatchStage;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** How fast a batch goes on the whole, and when it will be through if it goes on like that. */
final class Pace {
  private Pace() {}

  /** Empty as long as nothing can be said. */
  static Optional<Instant> expectedEnd(BatchProgress progress) {
    long ended = (long) progress.getCompleted() + progress.getFailed();
    Instant begunAt = progress.getInProgressAt();
    if (progress.getStage() != BatchStage.IN_PROGRESS || ended == 0 || begunAt == null) {
      return Optional.empty();
    }
    Duration took = Duration.between(begunAt, progress.getAt());
    long left = progress.getTotal() - ended;
    // A day in milliseconds times the lines of a batch is far from the end of a long.
    return Optional.of(progress.getAt().plusMillis(Math.ceilDiv(took.toMillis() * left, ended)));
  }
}
