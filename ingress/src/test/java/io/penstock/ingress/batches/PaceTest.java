package io.penstock.ingress.batches;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.BatchProgress;
import io.penstock.schemas.avro.BatchStage;
import io.penstock.schemas.avro.Usage;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PaceTest {
  private static final Instant BEGUN = Instant.parse("2026-12-01T10:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "IN_PROGRESS, 100, 25, 0, 60, 2026-12-01T10:04:00Z",
    "IN_PROGRESS, 100, 20, 5, 60, 2026-12-01T10:04:00Z",
    "IN_PROGRESS, 50000, 1, 0, 86400, 2163-10-24T10:00:00Z",
    "IN_PROGRESS, 100, 100, 0, 60, 2026-12-01T10:01:00Z",
    "IN_PROGRESS, 100, 0, 0, 60, ",
    "COMPLETED, 100, 100, 0, 60, "
  })
  void theEndIsExpectedAtTheRateSoFar(
      BatchStage stage, int total, int completed, int failed, long after, Instant end) {
    var progress =
        BatchProgress.newBuilder()
            .setId("b")
            .setStage(stage)
            .setTotal(total)
            .setCompleted(completed)
            .setFailed(failed)
            .setUsage(new Usage())
            .setInProgressAt(BEGUN)
            .setAt(BEGUN.plusSeconds(after))
            .build();
    assertThat(Pace.expectedEnd(progress).orElse(null)).isEqualTo(end);
  }
}
