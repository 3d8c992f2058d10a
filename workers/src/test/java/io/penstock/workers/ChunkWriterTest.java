package io.penstock.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.policies.stream.Assembly;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.DeltaKind;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.ResponseChunk;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With Kafka's own stand-in for a producer, because a real broker cannot be told to be full. */
class ChunkWriterTest {
  private static final Duration NEVER = Duration.ofDays(1);

  private final Topics topics = new Topics("test.", 2, new MemoryRegistry());
  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final Assignment assignment =
      Assignment.of(Plant.aDispatch(), List.of(new Candidate(Plant.PROVIDER, Plant.MODEL)));
  private final Attempt attempt =
      assignment.attempt(0, assignment.plan().getFirst(), "w", Instant.EPOCH);
  private final ChunkWriter writer = writer(NEVER);

  @AfterEach
  void close() {
    writer.close();
  }

  @Test
  void theFirstPieceGoesAtOnce() {
    try (var stream = writer.open(assignment.leader(), attempt)) {
      stream.take(List.of(text("Par")));
      assertThat(chunks())
          .containsExactly(
              new ResponseChunk(
                  assignment.leader().getId(),
                  "tenant-1",
                  attempt.getId(),
                  0,
                  Plant.PROVIDER,
                  Plant.MODEL,
                  List.of(text("Par"))));
    }
  }

  @Test
  void laterPiecesGatherAndNeighboursBecomeOne() {
    try (var stream = writer.open(assignment.leader(), attempt)) {
      stream.take(List.of(text("a")));
      stream.take(List.of(text("b")));
      stream.take(List.of(text("c"), call("", "1", "f"), call("{", null, null)));
      stream.take(List.of(call("}", null, null), call("", "2", "f"), text("d")));
      assertThat(chunks()).hasSize(1);
    }
    assertThat(chunks()).hasSize(2);
    assertThat(chunks().getLast().getSequence()).isEqualTo(1);
    assertThat(chunks().getLast().getDeltas())
        .isEqualTo(List.of(text("bc"), call("{}", "1", "f"), call("", "2", "f"), text("d")));
  }

  @Test
  void whatHasGatheredGoesAfterAMoment() {
    try (var quick = writer(Duration.ofMillis(5));
        var stream = quick.open(assignment.leader(), attempt)) {
      stream.take(List.of(text("a")));
      stream.take(List.of(text("b")));
      await().atMost(Duration.ofSeconds(20)).until(() -> chunks().size() == 2);
    }
  }

  @Test
  void whoBringsMuchDoesNotGatherForLong() {
    try (var stream = writer.open(assignment.leader(), attempt)) {
      stream.take(List.of(text("a")));
      for (int i = 0; i < 10; i++) {
        stream.take(List.of(text("x".repeat(20_000))));
      }
      assertThat(chunks()).hasSizeBetween(3, 5);
    }
    var joined = new Assembly();
    chunks().forEach(chunk -> chunk.getDeltas().forEach(joined::add));
    assertThat(joined.bytes()).isEqualTo(200_001);
  }

  @Test
  void chunksGoWhereTheResponseWill() {
    var asked = InferenceRequest.newBuilder(assignment.leader()).setReplyPartition(1).build();
    try (var stream = writer.open(asked, attempt)) {
      stream.take(List.of(text("a")));
    }
    try (var stream = writer.open(assignment.leader(), attempt)) {
      stream.take(List.of(text("a")));
    }
    assertThat(producer.history().stream().map(ProducerRecord::partition)).containsExactly(1, null);
    assertThat(new String(producer.history().getFirst().key(), StandardCharsets.UTF_8))
        .isEqualTo(assignment.leader().getId());
  }

  @Test
  void aBrokerThatTakesItsTimeIsAskedUntilItKnowsTheTopic() {
    var asked = new AtomicInteger();
    var slow =
        new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
          @Override
          public List<PartitionInfo> partitionsFor(String topic) {
            if (asked.incrementAndGet() < 3) {
              throw new TimeoutException("not present in metadata after 20 ms");
            }
            return List.of();
          }
        };
    try (var prepared = new ChunkWriter(topics.chunks(), slow, NEVER, "w")) {
      prepared.prepare();
    }
    assertThat(asked).hasValue(3);
  }

  @Test
  void afterALossNothingFollows() {
    try (var stream = writer.open(assignment.leader(), attempt)) {
      producer.sendException = new TimeoutException("full");
      stream.take(List.of(text("a")));
      producer.sendException = null;
      stream.take(List.of(text("b")));
    }
    assertThat(chunks()).isEmpty();
  }

  @Test
  void withoutPiecesThereIsNoChunk() {
    writer.open(assignment.leader(), attempt).close();
    assertThat(chunks()).isEmpty();
  }

  private ChunkWriter writer(Duration gathering) {
    return new ChunkWriter(topics.chunks(), producer, gathering, "w");
  }

  private List<ResponseChunk> chunks() {
    var values = topics.chunks().values().deserializer();
    return producer.history().stream()
        .map(record -> values.deserialize(record.topic(), record.value()))
        .toList();
  }

  private static Delta text(String text) {
    return new Delta(DeltaKind.TEXT, 0, 0, text, null, null);
  }

  private static Delta call(String arguments, @Nullable String id, @Nullable String name) {
    return new Delta(DeltaKind.TOOL_CALL, 0, 1, arguments, id, name);
  }
}
