package io.penstock.ingress.batches;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.BatchCancelled;
import io.penstock.schemas.avro.BatchEvent;
import io.penstock.schemas.avro.BatchOrder;
import io.penstock.schemas.avro.BatchProgress;
import io.penstock.schemas.avro.BatchStage;
import io.penstock.schemas.avro.FileDeleted;
import io.penstock.schemas.avro.StoredFile;
import io.penstock.schemas.avro.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CatalogueTest {
  private static final Instant NOW = Instant.parse("2026-12-01T10:00:00Z");

  private Instant now = NOW;
  private final Catalogue catalogue = new Catalogue(() -> now);

  @Test
  void theEndOfABatchStandsWhateverALateOwnerSays() {
    take(order("b", NOW));
    take(progress("b", BatchStage.COMPLETED, file("out")));
    assertThat(catalogue.mayTake(new BatchEvent(progress("b", BatchStage.IN_PROGRESS, null))))
        .isFalse();
    take(progress("b", BatchStage.IN_PROGRESS, null));
    take(progress("b", BatchStage.FAILED, file("other")));
    assertThat(catalogue.batch("b").orElseThrow().status()).isEqualTo("completed");
    assertThat(catalogue.unfinished()).isEmpty();
    assertThat(catalogue.file("other")).isEmpty();
    assertThat(catalogue.file("out")).isPresent();
  }

  @Test
  void whatIsKnownDoesNotDependOnTheOrderInWhichItIsRead() {
    take(new BatchCancelled("b", NOW));
    take(progress("b", BatchStage.IN_PROGRESS, null));
    assertThat(catalogue.unfinished()).isEmpty();
    take(order("b", NOW));
    assertThat(catalogue.unfinished()).hasSize(1);
    assertThat(catalogue.batch("b").orElseThrow().status()).isEqualTo("cancelling");
  }

  @Test
  void aDeletedFileStaysDeletedWhenItsBatchIsReadAgain() {
    take(order("b", NOW));
    take(new FileDeleted("out", NOW));
    take(progress("b", BatchStage.COMPLETED, file("out")));
    assertThat(catalogue.file("out")).isEmpty();
  }

  @Test
  void whatHasExpiredIsNotShownAndWhatTheLogForgetsIsForgotten() {
    take(file("f"));
    take(order("b", NOW));
    now = NOW.plus(Duration.ofDays(1));
    assertThat(catalogue.file("f")).isEmpty();
    assertThat(catalogue.files(_ -> true)).isEmpty();
    assertThat(catalogue.batches(_ -> true)).hasSize(1);
    now = NOW.plus(Topics.FILES_KEPT).plusSeconds(1);
    catalogue.forgetOld();
    assertThat(catalogue.batches(_ -> true)).isEmpty();
    assertThat(catalogue.unfinished()).isEmpty();
  }

  private void take(Object event) {
    catalogue.take(new BatchEvent(event));
  }

  private static StoredFile file(String id) {
    return new StoredFile(
        id, "acme", id, "batch", 1L, NOW, NOW.plus(Duration.ofHours(24)), 0, 0L, 0L);
  }

  private static BatchOrder order(String id, Instant at) {
    return new BatchOrder(
        id,
        "acme",
        null,
        "/v1/embeddings",
        file("in"),
        "24h",
        Map.of(),
        at,
        at.plus(Duration.ofHours(24)),
        null);
  }

  private static BatchProgress progress(String id, BatchStage stage, @Nullable StoredFile output) {
    return BatchProgress.newBuilder()
        .setId(id)
        .setStage(stage)
        .setUsage(new Usage())
        .setOutput(output)
        .setAt(NOW)
        .build();
  }
}
