package io.penstock.topology.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.embedded.testing.TestingBroker;
import io.penstock.policies.gate.GateRules;
import io.penstock.schemas.Meter;
import io.penstock.schemas.Names;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The pump on a real broker, beside a flow that reads as far as the test says. */
final class PumpTest {
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final int WINDOW = 5;
  private static final GateRules RULES = GateRules.of(WINDOW, 1_000, 25);
  private final Instant sent = Instant.now().minusSeconds(600);

  private static TestingBroker broker;
  private static int runs;

  private final List<AutoCloseable> open = new ArrayList<>();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private Topics topics;
  private KafkaProducer<byte[], byte[]> producer;
  private KafkaConsumer<byte[], byte[]> reader;
  private final List<ConsumerRecord<byte[], byte[]>> seen = new ArrayList<>();

  @BeforeAll
  static void startBroker() {
    broker = TestingBroker.start();
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @BeforeEach
  void start() {
    topics = new Topics("gate" + runs++ + ".", 1, new MemoryRegistry());
    broker.provision(topics.requests(Lane.BATCH), topics.gated(), topics.work(Lane.BATCH));
    producer =
        opened(
            new KafkaProducer<>(
                broker.connection().producer("test", Duration.ZERO, SOON),
                new ByteArraySerializer(),
                new ByteArraySerializer()));
    reader =
        opened(
            new KafkaConsumer<>(
                broker.connection().consumer("test"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer()));
    var gated = List.of(new TopicPartition(topics.gated().name(), 0));
    reader.assign(gated);
    reader.seekToBeginning(gated);
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable part : open.reversed()) {
      part.close();
    }
  }

  @Test
  void aRecordIsLetInAsItIs() {
    byte[] value = {1, 2, 3};
    var _ =
        producer.send(
            new ProducerRecord<>(
                topics.requests(Lane.BATCH).name(),
                0,
                sent.toEpochMilli(),
                "key".getBytes(UTF_8),
                value,
                List.of(new RecordHeader("trace", new byte[] {9}))));
    pump().open(0);

    ConsumerRecord<byte[], byte[]> record = letIn(1).getFirst();
    assertThat(record.key()).isEqualTo("key".getBytes(UTF_8));
    assertThat(record.value()).isEqualTo(value);
    assertThat(record.timestamp()).isEqualTo(sent.toEpochMilli());
    assertThat(record.headers().lastHeader("trace").value()).isEqualTo(new byte[] {9});
    assertThat(GateHeader.offset(record.headers())).hasValue(0);
  }

  @Test
  void noMoreThanTheWindowIsLetInBeforeTheFlowReads() {
    send(3 * WINDOW);
    Gate.Door door = pump().open(0);
    letIn(WINDOW);
    gauge(Meter.GATE_WAITING, 2 * WINDOW);
    gauge(Meter.GATE_UNREAD, WINDOW);

    door.read(1);
    letIn(WINDOW + 2);
    gauge(Meter.GATE_WAITING, 2 * WINDOW - 2);
    door.read(WINDOW + 1);
    letIn(2 * WINDOW + 2);
    gauge(Meter.GATE_WAITING, WINDOW - 2);
    assertThat(poll()).as("more than that").isEmpty();
  }

  @Test
  void nothingIsLetInWhereNoTaskReadsAndAllOfItOnceOneDoes() {
    send(2);
    Gate gate = pump();
    Gate.Door door = gate.open(0);
    letIn(2);
    gate.close(0, door);
    gauge(Meter.GATE_UNREAD, 0);
    send(2);
    assertThat(poll()).isEmpty();

    gate.open(0);
    letIn(4);
    assertThat(offsets()).containsExactly(0L, 1L, 2L, 3L);
  }

  @Test
  void whoeverComesNextGoesOnWhereTheLastOneStopped() throws Exception {
    send(4 * WINDOW);
    for (int i = 1; i <= 4; i++) {
      Gate gate = gate();
      Pump pump = pump(gate);
      Gate.Door door = gate.open(0);
      door.read(seen.size() - 1L);
      letIn(i * WINDOW);
      pump.close();
    }
    assertThat(offsets()).containsExactlyElementsOf(all(4 * WINDOW));
  }

  @Test
  void whatTheLastOneLetInAndNobodyReadCountsForTheWindow() {
    send(3 * WINDOW);
    Gate first = gate();
    Pump pump = pump(first);
    first.open(0);
    letIn(WINDOW);
    pump.close();

    pump().open(0);
    gauge(Meter.GATE_UNREAD, WINDOW);
    assertThat(poll()).isEmpty();
  }

  @Test
  void twoAtOnceLetInTwiceButLeaveNothingOutAndKeepTheOrder() {
    int count = 40 * WINDOW;
    send(count);
    Gate one = gate();
    Gate other = gate();
    pump(one);
    pump(other);
    Gate.Door door = one.open(0);
    Gate.Door rival = other.open(0);
    var taken = new ArrayList<Long>();
    await()
        .atMost(SOON)
        .until(() -> {
          for (ConsumerRecord<byte[], byte[]> record : poll()) {
            long offset = GateHeader.offset(record.headers()).orElseThrow();
            if (taken.isEmpty() || offset > taken.getLast()) { // As the doorkeeper does.
              taken.add(offset);
            }
            door.read(record.offset());
            rival.read(record.offset());
          }
          return taken.size() == count;
        });
    assertThat(taken).containsExactlyElementsOf(all(count));
    assertThat(seen).as("both were at it").hasSizeGreaterThan(count);
  }

  @Test
  void whereTheGatedTopicRemembersNothingItGoesOnFromWhatWasNoted() {
    send(WINDOW);
    var lane = new TopicPartition(topics.requests(Lane.BATCH).name(), 0);
    Map<String, Object> noting = broker.connection().consumer("noting");
    noting.put("group.id", Names.GATE);
    try (var consumer =
        new KafkaConsumer<>(noting, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(lane));
      consumer.commitSync(Map.of(lane, new OffsetAndMetadata(3)));
    }
    pump().open(0);
    letIn(2);
    assertThat(offsets()).containsExactly(3L, 4L);
  }

  @Test
  void whatWasLetInIsFoundInTheLog() {
    send(3);
    pump().open(0);
    letIn(3);
    var log = new KafkaGatedLog(broker.connection(), topics);
    assertThat(log.passed(0, 3)).hasValue(2);
    assertThat(log.passed(0, 2)).hasValue(1);
    assertThat(log.passed(0, 0)).isEmpty();
  }

  @Test
  void aLaneThatWasEmptiedIsNotTakenForOneThatWasLetIn() {
    var _ =
        producer.send(
            new ProducerRecord<>(
                topics.gated().name(),
                0,
                null,
                new byte[0],
                new byte[0],
                GateHeader.with(new RecordHeaders(), 500)));
    producer.flush();
    send(1);
    pump().open(0);
    letIn(1);
    assertThat(poll()).as("what cannot be told from what was let in before").isEmpty();
  }

  private Gate gate() {
    return new Gate(new KafkaGatedLog(broker.connection(), topics), InstantSource.system(), meters);
  }

  private Gate pump() {
    Gate gate = gate();
    pump(gate);
    return gate;
  }

  private Pump pump(Gate gate) {
    return opened(Pump.start(broker.connection(), topics, gate, RULES, meters));
  }

  private void send(int count) {
    for (int i = 0; i < count; i++) {
      var _ =
          producer.send(
              new ProducerRecord<>(
                  topics.requests(Lane.BATCH).name(), 0, new byte[] {1}, new byte[] {2}));
    }
    producer.flush();
  }

  /** Everything let in, once that is so much. */
  private List<ConsumerRecord<byte[], byte[]>> letIn(int count) {
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> {
          poll();
          return seen.size() >= count;
        });
    assertThat(seen).hasSize(count);
    return seen;
  }

  private List<ConsumerRecord<byte[], byte[]>> poll() {
    var more = new ArrayList<ConsumerRecord<byte[], byte[]>>();
    reader.poll(Duration.ofMillis(100)).forEach(more::add);
    seen.addAll(more);
    return more;
  }

  private List<Long> offsets() {
    return seen.stream().map(r -> GateHeader.offset(r.headers()).orElseThrow()).toList();
  }

  private static List<Long> all(int count) {
    return LongStream.range(0, count).boxed().toList();
  }

  private void gauge(Meter meter, double value) {
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> Objects.requireNonNull(meters.find(meter.id()).gauge()).value() == value);
  }

  private <T extends AutoCloseable> T opened(T part) {
    open.add(part);
    return part;
  }
}
