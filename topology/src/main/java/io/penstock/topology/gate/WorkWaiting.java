package io.penstock.topology.gate;

import io.penstock.schemas.Names;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many dispatches of the batch lane wait for workers, asked of the broker now and then. Used by
 * the pump's thread.
 */
final class WorkWaiting {
  private static final Logger LOG = LoggerFactory.getLogger(WorkWaiting.class);
  private static final Duration ASK_EVERY = Duration.ofMillis(250);
  private static final String WORKERS = Names.WORKERS + "-" + Topics.word(Lane.BATCH);

  private final Admin admin;
  private final Map<String, ListShareGroupOffsetsSpec> question;
  private Instant askedAt = Instant.EPOCH;
  private @Nullable CompletableFuture<Map<TopicPartition, SharePartitionOffsetInfo>> asked;
  private long waiting;

  WorkWaiting(Admin admin) {
    this.admin = admin;
    this.question = Map.of(WORKERS, new ListShareGroupOffsetsSpec());
  }

  /** As last heard; 0 where no worker has ever come. Never blocks. */
  long now(Instant now) {
    if (asked != null && asked.isDone()) {
      hear(asked);
      asked = null;
    }
    if (asked == null && !now.isBefore(askedAt.plus(ASK_EVERY))) {
      askedAt = now;
      asked =
          admin
              .listShareGroupOffsets(question)
              .partitionsToOffsetInfo(WORKERS)
              .toCompletionStage()
              .toCompletableFuture();
    }
    return waiting;
  }

  private void hear(CompletableFuture<Map<TopicPartition, SharePartitionOffsetInfo>> answer) {
    try {
      waiting =
          answer.get().values().stream()
              .filter(info -> info != null)
              .mapToLong(info -> info.lag().orElse(0L))
              .sum();
    } catch (ExecutionException e) {
      LOG.debug("how much work waits is not known", e);
      waiting = 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
