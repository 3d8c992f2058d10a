package io.penstock.workers;

import static io.penstock.workers.Plant.aDispatch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.policies.calling.Timing;
import io.penstock.policies.calling.Walking;
import io.penstock.schemas.Meter;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.Lane;
import io.penstock.workers.provider.ProviderSettings;
import io.penstock.workers.provider.Providers;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import mockwebserver3.MockWebServer;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRecordStateException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With a share group that does as it is told: a real one cannot be made to forget. */
class LaneWorkerTest {
  private static final Duration SECONDS = Timing.DEFAULT.startPatience();

  private final MuteRegistry registry = new MuteRegistry(new MemoryRegistry());
  private final Topics topics = new Topics("test.", 1, registry);
  private final Topic<String, Dispatch> work = topics.work(Lane.EXPRESS);
  private final ScriptedConsumer consumer = new ScriptedConsumer();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final MockWebServer server = new MockWebServer();

  @BeforeAll
  static void patience() {
    Awaitility.setDefaultTimeout(OneSite.SOON);
  }

  @BeforeEach
  void serve() throws IOException {
    server.start(InetAddress.getLoopbackAddress(), 0);
    for (int i = 0; i < 3; i++) {
      server.enqueue(Plant.answer("Hi"));
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aRecordWhoseAcceptanceWasLostIsAcceptedAgainAndNotCalledAgain() {
    try (var running = new Running(SECONDS)) {
      Dispatch dispatch = aDispatch();
      consumer.deliver(List.of(record(dispatch, 7, 1)));
      await().until(() -> server.getRequestCount() == 1);
      consumer.deliver(List.of(record(dispatch, 7, 2)));
      await().until(() -> consumer.acknowledged().size() == 2);
      consumer.deliver(
          List.of(record(aDispatch(), 8, 1))); // Shows that the other one would be called now.
      await().until(() -> server.getRequestCount() == 2);
      assertThat(consumer.acknowledged()).containsOnly(AcknowledgeType.ACCEPT);
      assertThat(running.lane.running()).isTrue();
    }
    assertThat(server.getRequestCount()).isEqualTo(2);
  }

  @Test
  void aDispatchThatTheTopologyRepeatsIsCalledAgain() {
    try (var running = new Running(SECONDS)) {
      Dispatch dispatch = aDispatch();
      consumer.deliver(List.of(record(dispatch, 7, 1)));
      consumer.deliver(List.of(record(dispatch, 8, 1)));
      await().until(() -> server.getRequestCount() == 2);
      assertThat(running.lane.running()).isTrue();
    }
  }

  @Test
  void acknowledgementsThatKafkaDoesNotTakeAreCounted() {
    try (var running = new Running(SECONDS)) {
      consumer.deliver(List.of(record(aDispatch(), 7, 1)));
      await().until(() -> consumer.acknowledged().size() == 1);
      var partition = new TopicIdPartition(Uuid.randomUuid(), 0, work.name());
      consumer.callback().onComplete(Map.of(partition, Set.of(5L)), null);
      consumer
          .callback()
          .onComplete(Map.of(partition, Set.of(7L, 8L)), new InvalidRecordStateException("lost"));
      assertThat(meters.get(Meter.UNACKNOWLEDGED.id()).tag("topic", work.name()).counter().count())
          .isEqualTo(2);
      assertThat(running.lane.running()).isTrue();
    }
  }

  @Test
  void aDispatchWhoseStartTakesTooLongIsGivenBackOrHeldWhenThatWouldBeItsEnd() {
    try (var running = new Running(Duration.ofNanos(1))) {
      consumer.deliver(
          List.of(record(aDispatch(), 7, 1), record(aDispatch(), 8, 3), record(aDispatch(), 9, 4)));
      await().until(() -> consumer.acknowledged().size() == 3);
      assertThat(consumer.acknowledged())
          .containsExactly(AcknowledgeType.RELEASE, AcknowledgeType.RELEASE, AcknowledgeType.RENEW);
      assertThat(running.lane.running()).isTrue();
    }
    assertThat(server.getRequestCount()).isZero();
  }

  @Test
  void aDispatchForAnotherWorkersProviderIsPassedOn() {
    try (var running = new Running(SECONDS)) {
      consumer.deliver(
          List.of(
              record(
                  aDispatch(Instant.now().plusSeconds(60), new Candidate("nobody", "m")), 7, 1)));
      await().until(() -> consumer.acknowledged().size() == 1);
      assertThat(consumer.acknowledged()).containsExactly(AcknowledgeType.RELEASE);
      assertThat(running.producer.history()).isEmpty();
    }
  }

  @Test
  void nothingIsPolledWhileTheRegistryIsAway() {
    registry.refuse(Integer.MAX_VALUE);
    consumer.deliver(List.of(record(aDispatch(), 7, 1)));
    try (var running = new Running(SECONDS)) {
      await().until(() -> registry.refusals() >= 2);
      assertThat(consumer.polls()).isZero();
      registry.refuse(0);
      await().until(() -> server.getRequestCount() == 1);
      assertThat(running.lane.running()).isTrue();
    }
  }

  @Test
  void aLaneThatDiesOfAnErrorIsSeenToBeDead() {
    try (var running = new Running(SECONDS)) {
      assertThat(running.lane.running()).isTrue();
      consumer.fail(new StackOverflowError("as told"));
      await().dontCatchUncaughtExceptions().until(() -> !running.lane.running());
    }
  }

  private ConsumerRecord<byte[], byte[]> record(Dispatch dispatch, long offset, int delivery) {
    byte[] value =
        new Topics("test.", 1, registry.real())
            .work(Lane.EXPRESS)
            .values()
            .serializer()
            .serialize(work.name(), dispatch);
    return new ConsumerRecord<>(
        work.name(),
        0,
        offset,
        0L,
        TimestampType.CREATE_TIME,
        0,
        value.length,
        new byte[0],
        value,
        new RecordHeaders(),
        Optional.empty(),
        Optional.of((short) delivery));
  }

  /** A lane at work, and all that it needs. */
  private final class Running implements AutoCloseable {
    private final MockProducer<byte[], byte[]> producer =
        new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final Providers providers;
    private final Renewals renewals;
    private final LaneWorker lane;

    Running(Duration startPatience) {
      var timing =
          new Timing(
              Timing.DEFAULT.lateGrace(),
              Timing.DEFAULT.longestCall(),
              startPatience,
              Timing.DEFAULT.leases());
      var settings = new WorkerSettings("w", 4, Set.of(Lane.EXPRESS), Walking.DEFAULT, timing);
      var clock = InstantSource.system();
      var results = new Results(topics, producer);
      var callMeters = new CallMeters(meters, (provider, model) -> Optional.empty());
      var attempts = new Attempts(settings, results, clock);
      providers =
          new Providers(
              List.of(ProviderSettings.openAi(Plant.PROVIDER, server.url("/v1").toString(), null)),
              clock);
      renewals = new Renewals(results, timing, "w");
      var underWay = new UnderWay(clock);
      var chunks = new ChunkWriter(topics.chunks(), producer, ChunkWriter.GATHERING, "w");
      lane =
          new LaneWorker(
              "w-express",
              work.name(),
              () -> consumer,
              1,
              new Intake(
                  new Reading(work),
                  new Delivery.Sorting(
                      work.values().deserializer(), timing, providers::serves, underWay::withdrawn),
                  new Slots(4),
                  attempts,
                  new PlanWalker(
                      settings, providers, underWay, chunks, attempts, renewals, callMeters, clock),
                  results,
                  callMeters,
                  clock));
      lane.start();
    }

    @Override
    public void close() {
      lane.stop();
      await()
          .until(() -> lane.awaitIdle(Duration.ofSeconds(5)) && lane.awaitLeft(Duration.ofDays(1)));
      renewals.close();
      providers.close();
    }
  }
}
