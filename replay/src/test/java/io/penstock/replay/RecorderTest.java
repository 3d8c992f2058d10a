package io.penstock.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.embedded.testing.TestingBroker;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.Recorded;
import io.penstock.schemas.avro.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
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
  private static final Instant ASKED_AT = Instant.parse("2026-11-24T12:00:00Z");

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
    sendBytes(topics.requests(Lane.BATCH).name(), new byte[] {7, 7});

    Path file = dir.resolve("all.avro");
    Recording recording =
        new Recorder(broker.connection(), topics)
            .run(file, Recorder.From.BEGINNING, new Recorder.Until.CaughtUp(), r -> {});

    assertThat(recording.requests()).isOne();
    assertThat(recording.responses()).isOne();
    assertThat(recording.unreadable()).isOne();
    List<Recorded> recorded = read(file);
    assertThat(recorded).extracting(Recorded::getEvent).contains(request("r1"), response("r1"));
    assertThat(recorded).allSatisfy(r -> assertThat(r.getAt()).isEqualTo(ASKED_AT));
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
    Awaitility.await().until(begun::isDone);
    send(topics.requests(Lane.EXPRESS), "f", request("after"));

    Awaitility.await().until(running::isDone);
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

  private <V> void send(Topic<String, V> topic, String key, V value) {
    sendTo(topic.name(), key, topic.values().serializer().serialize(topic.name(), value));
  }

  private void sendBytes(String topic, byte[] value) {
    sendTo(topic, "k", value);
  }

  private void sendTo(String topic, String key, byte[] value) {
    try (var producer =
        new KafkaProducer<>(
            broker.connection().producer("test", Duration.ZERO, Duration.ofSeconds(10)),
            new StringSerializer(),
            new ByteArraySerializer())) {
      assertThat(
              producer.send(new ProducerRecord<>(topic, null, ASKED_AT.toEpochMilli(), key, value)))
          .succeedsWithin(Duration.ofSeconds(10));
    }
  }

  private static InferenceRequest request(String id) {
    return new InferenceRequest(
        id,
        "default",
        "auto",
        List.of(new Message("user", "hello")),
        null,
        null,
        true,
        null,
        null,
        null,
        null,
        Map.of());
  }

  private static InferenceResponse response(String id) {
    return InferenceResponse.newBuilder()
        .setId(id)
        .setTenant("default")
        .setLane(Lane.EXPRESS)
        .setStatus(Status.FAILED)
        .setAcceptedAt(ASKED_AT)
        .setCompletedAt(ASKED_AT)
        .build();
  }
}
