package io.penstock.embedded.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.schemas.Limits;
import io.penstock.schemas.Names;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the rest of Penstock expects of the embedded broker. */
class TestingBrokerTest {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int ENVELOPE = 1024;

  private static TestingBroker broker;
  private static Topics topics;

  @BeforeAll
  static void start() {
    topics = new Topics("smoke.", 2, new MemoryRegistry());
    broker = TestingBroker.start(topics);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void aShareGroupOfWorkersTakesEachRecordOnceThoughItCameLater() throws Exception {
    String work = topics.work(Lane.EXPRESS).name();
    int records = 20;
    for (int i = 0; i < records; i++) {
      send(topics.work(Lane.EXPRESS), new byte[] {(byte) i});
    }
    var taken = new ArrayList<Byte>();
    try (var worker = worker(Lane.EXPRESS)) {
      worker.subscribe(List.of(work));
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> {
            for (var dispatch : worker.poll(POLL)) {
              taken.add(dispatch.value()[0]);
              worker.acknowledge(dispatch, AcknowledgeType.ACCEPT);
            }
            worker.commitSync();
            return taken.size() >= records;
          });
    }
    assertThat(taken).doesNotHaveDuplicates().hasSize(records);
  }

  @Test
  void theLargestRecordPassesAndALargerOneIsRefused() throws Exception {
    Topic<?, ?> topic = topics.responses();
    send(topic, new byte[Limits.LARGEST_RECORD_BYTES - ENVELOPE]);
    var partitions = List.of(new TopicPartition(topic.name(), 0));
    try (var consumer =
        new KafkaConsumer<>(
            broker.connection().consumer("largest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var sizes = new ArrayList<Integer>();
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> {
            consumer.poll(POLL).forEach(r -> sizes.add(r.value().length));
            return !sizes.isEmpty();
          });
      assertThat(sizes).containsExactly(Limits.LARGEST_RECORD_BYTES - ENVELOPE);
    }
    assertThatThrownBy(() -> send(topic, new byte[Limits.LARGEST_RECORD_BYTES + ENVELOPE]))
        .hasCauseInstanceOf(RecordTooLargeException.class);
  }

  private static KafkaShareConsumer<byte[], byte[]> worker(Lane lane) {
    return new KafkaShareConsumer<>(
        Map.of(
            "bootstrap.servers",
            broker.bootstrap(),
            "group.id",
            Names.WORKERS + "-" + Topics.word(lane),
            "share.acknowledgement.mode",
            "explicit"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private static void send(Topic<?, ?> topic, byte[] value) throws Exception {
    try (var producer =
        new KafkaProducer<>(
            broker.connection().producer("smoke", Duration.ZERO, Duration.ofMinutes(1)),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(topic.name(), 0, new byte[0], value)).get();
    }
  }
}
