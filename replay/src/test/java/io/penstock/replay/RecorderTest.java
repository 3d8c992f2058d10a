package io.penstock.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.embedded.testing.TestingBroker;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Messages;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.avro.Recorded;
import io.penstock.schemas.avro.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RecorderTest {
  // Of today: a broker deletes what is older than its topic keeps, half a minute after it starts.
  private final Instant askedAt = Instant.now().truncatedTo(ChronoUnit.MILLIS);

  private TestingBroker broker;
  @TempDir Path dir;

  @BeforeAll
  void start() {
    broker = TestingBroker.start();
  }

  @AfterAll
  void stop() {
    broker.close();
  }

  @Test
  void whatCrossedTheTopicsIsInTheFileWithItsTimesAndRubbishIsCounted() throws IOException {
    Topics topics = provisioned("all.");
    send(topics.requests(Lane.EXPRESS), "f", request("r1"));
    send(topics.responses(), "r1", response("r1"));
    send(topics.billing(), "attempt:a1", cost("attempt:a1"));
    sendBytes(topics.requests(Lane.BATCH).name(), new byte[] {7, 7});

    Path file = dir.resolve("all.avro");
    Recording recording =
        new Recorder(broker.connection(), topics)
            .run(file, Recorder.From.BEGINNING, new Recorder.Until.CaughtUp(), r -> {});

    assertThat(recording.requests()).isOne();
    assertThat(recording.responses()).isOne();
    assertThat(recording.costEvents()).isOne();
    assertThat(recording.unreadable()).isOne();
    assertThat(recording.missed()).isZero();
    List<Recorded> recorded = read(file);
    assertThat(recorded)
        .extracting(Recorded::getEvent)
        .containsExactlyInAnyOrder(request("r1"), response("r1"), cost("attempt:a1"));
    assertThat(recorded).allSatisfy(r -> assertThat(r.getAt()).isEqualTo(askedAt));
  }

  @Test
  void aRecordIsInTheFileWithItsPlaceInTheLog() throws IOException {
    Topics topics = provisioned("place.");
    var places = new ArrayList<RecordMetadata>();
    for (String id : List.of("a", "b", "c", "d", "e", "f")) {
      places.add(send(topics.requests(Lane.EXPRESS), id, request(id)));
    }

    Path file = dir.resolve("place.avro");
    new Recorder(broker.connection(), topics)
        .run(file, Recorder.From.BEGINNING, new Recorder.Until.CaughtUp(), r -> {});

    assertThat(places).extracting(RecordMetadata::partition).contains(0, 1);
    assertThat(read(file))
        .extracting(Recorded::getTopic, Recorded::getPartition, Recorded::getOffset)
        .containsExactlyInAnyOrderElementsOf(
            places.stream().map(p -> tuple(p.topic(), p.partition(), p.offset())).toList());
  }

  @Test
  void whatRetentionDeletesBeforeItIsReadIsAHoleThatIsCountedAndNotTheEndOfTheRecording()
      throws IOException {
    Topics topics = provisioned("hole.");
    var sent = new ArrayList<RecordMetadata>();
    for (int i = 0; i < 20; i++) {
      sent.add(send(topics.requests(Lane.EXPRESS), "f", request("r" + i)));
    }
    // One record a fetch and a poll, so that most are still unread when they are deleted.
    var slowly =
        new KafkaConnection(
            broker.connection().bootstrapServers(),
            Map.of(
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "1",
                ConsumerConfig.FETCH_MAX_BYTES_CONFIG, "1",
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, "1"));
    var deleted = new AtomicBoolean();

    Path file = dir.resolve("hole.avro");
    Recording recording =
        new Recorder(slowly, topics)
            .run(
                file,
                Recorder.From.BEGINNING,
                new Recorder.Until.CaughtUp(),
                progress -> {
                  if (progress.requests() > 0 && !deleted.getAndSet(true)) {
                    deleteAllBefore(sent.get(15));
                  }
                });

    assertThat(recording.missed()).isPositive();
    assertThat(recording.requests() + recording.missed()).isEqualTo(20);
    assertThat(read(file)).extracting(Recorded::getEvent).contains(request("r15"), request("r19"));
  }

  @Test
  void aRecordingFromNowOnHoldsOnlyWhatComesAfterItBeganAndStopsWhenTold() throws IOException {
    Topics topics = provisioned("now.");
    send(topics.requests(Lane.EXPRESS), "f", request("before"));
    var recorder = new Recorder(broker.connection(), topics);
    Path file = dir.resolve("now.avro");
    var begun = new CompletableFuture<Recording>();
    var running =
        CompletableFuture.supplyAsync(() -> {
          try {
            return recorder.run(
                file,
                Recorder.From.NOW,
                new Recorder.Until.Elapsed(Duration.ofMinutes(1)),
                progress -> {
                  begun.complete(progress);
                  if (progress.requests() > 0) {
                    recorder.stop();
                  }
                });
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(begun::isDone);
    send(topics.requests(Lane.EXPRESS), "f", request("after"));

    Awaitility.await().atMost(Duration.ofMinutes(1)).until(running::isDone);
    assertThat(running.join().requests()).isOne();
    assertThat(read(file)).extracting(Recorded::getEvent).containsExactly(request("after"));
  }

  private Topics provisioned(String prefix) {
    var topics = new Topics(prefix, 2, new MemoryRegistry());
    broker.provision(topics);
    return topics;
  }

  private static List<Recorded> read(Path file) throws IOException {
    var recorded = new ArrayList<Recorded>();
    try (var reader =
        new DataFileReader<>(file.toFile(), new SpecificDatumReader<>(Recorded.class))) {
      reader.forEach(recorded::add);
    }
    return recorded;
  }

  private void deleteAllBefore(RecordMetadata first) {
    var partition = new TopicPartition(first.topic(), first.partition());
    assertThat(
            broker
                .admin()
                .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(first.offset())))
                .all()
                .toCompletionStage())
        .succeedsWithin(Duration.ofMinutes(1));
  }

  private <V> RecordMetadata send(Topic<String, V> topic, String key, V value) {
    return sendTo(topic.name(), key, topic.values().serializer().serialize(topic.name(), value));
  }

  private void sendBytes(String topic, byte[] value) {
    sendTo(topic, "k", value);
  }

  private RecordMetadata sendTo(String topic, String key, byte[] value) {
    try (var producer =
        new KafkaProducer<>(
            broker.connection().producer("test", Duration.ZERO, Duration.ofMinutes(1)),
            new StringSerializer(),
            new ByteArraySerializer())) {
      var sent =
          producer.send(new ProducerRecord<>(topic, null, askedAt.toEpochMilli(), key, value));
      return assertThat(sent).succeedsWithin(Duration.ofMinutes(1)).actual();
    }
  }

  private InferenceRequest request(String id) {
    return new InferenceRequest(
        id,
        "default",
        "auto",
        List.of(Messages.text("user", "hello")),
        null,
        null,
        true,
        null,
        null,
        null,
        null,
        Map.of(),
        Endpoint.CHAT,
        null,
        null,
        Dialect.PENSTOCK,
        null,
        null,
        null,
        null,
        false);
  }

  private CostEvent cost(String id) {
    return CostEvent.newBuilder()
        .setEventId(id)
        .setRevision(2)
        .setAt(askedAt)
        .setTenant("default")
        .setLane(Lane.EXPRESS)
        .setRequestId("r1")
        .setRequestedModel("auto")
        .setModel("small")
        .setProvider("openai")
        .setCause(Cause.PROVIDER)
        .setProvenance(Provenance.REPORTED)
        .build();
  }

  private InferenceResponse response(String id) {
    return InferenceResponse.newBuilder()
        .setId(id)
        .setTenant("default")
        .setLane(Lane.EXPRESS)
        .setStatus(Status.FAILED)
        .setAcceptedAt(askedAt)
        .setCompletedAt(askedAt)
        .build();
  }
}
