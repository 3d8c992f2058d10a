package io.penstock.topology;

import static io.penstock.topology.Requesting.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.embedded.testing.TestingBroker;
import io.penstock.policies.batch.WindowRules;
import io.penstock.policies.fingerprint.Fingerprint;
import io.penstock.schemas.Answers;
import io.penstock.schemas.AvroSerde;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Money;
import io.penstock.schemas.Names;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptBegun;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptEvent;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.Follower;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.topology.flow.StateStores;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The running topology on a real broker: what another instance makes of the state left behind. */
class TakeoverTest {
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final Duration LEASE = Duration.ofSeconds(20);
  private static final String FOLLOWERS_LOG =
      Names.TOPOLOGY + "-" + StateStores.FOLLOWERS + "-changelog";

  /** However slow this machine is, nobody goes because time has passed. */
  private static final Laws PATIENT =
      WindowTest.laws()
          .waitingBy(
              new WindowRules(
                  Map.of(
                      Lane.BATCH,
                      new WindowRules.Waits(Duration.ofHours(1), Duration.ofHours(1), Money.ZERO)),
                  1_000,
                  Duration.ofHours(1),
                  Duration.ZERO,
                  Duration.ZERO));

  @TempDir Path directory;

  private final MemoryRegistry registry = new MemoryRegistry();
  private final Topics topics = new Topics("penstock.", 1, registry);
  private final List<AutoCloseable> open = new ArrayList<>();
  private KafkaConnection kafka;
  private KafkaProducer<byte[], byte[]> producer;

  @BeforeEach
  void start() {
    kafka = KafkaConnection.to(startBroker(topics));
    producer =
        opened(
            new KafkaProducer<>(
                kafka.producer("test", Duration.ZERO, SOON),
                new ByteArraySerializer(),
                new ByteArraySerializer()));
  }

  /** Starts a broker with these topics; returns its address. */
  String startBroker(Topics topics) {
    return opened(TestingBroker.start(topics)).bootstrap();
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable part : open.reversed()) {
      part.close();
    }
  }

  @Test
  void aSecondInstanceAnswersWhoeverWaitedAndHandsNothingOutAgain() {
    RunningTopology first = topology("first");
    InferenceRequest leader = aRequest("hello").withId("leader").build();
    InferenceRequest follower = aRequest("hello").withId("follower").build();
    send(topics.requests(Lane.STANDARD), Fingerprint.of(leader).hex(), leader);
    Dispatch dispatch = only(values(topics.work(Lane.STANDARD), 1));
    send(topics.requests(Lane.STANDARD), Fingerprint.of(follower).hex(), follower);
    Attempt attempt = attempt(dispatch);
    send(topics.results(), dispatch.getFingerprint(), started(attempt));
    records(FOLLOWERS_LOG, 1);
    first.close();

    opened(topology("second"));
    var ended =
        new AttemptEnded(
            attempt,
            Instant.now(),
            Answers.text("hi", "stop"),
            attempt.getModel(),
            null,
            null,
            null,
            List.of(),
            null,
            null);
    send(topics.results(), dispatch.getFingerprint(), new AttemptEvent(ended));

    assertThat(values(topics.responses(), 2))
        .extracting(InferenceResponse::getId)
        .containsExactlyInAnyOrder("leader", "follower");
    assertThat(values(topics.work(Lane.STANDARD), 1)).hasSize(1);
  }

  @Test
  void aLeaseThatNobodyRenewsIsLostThoughItsTaskWasRestarted() {
    RunningTopology first = topology("first");
    InferenceRequest leader = aRequest("hello").withId("leader").build();
    send(topics.requests(Lane.STANDARD), Fingerprint.of(leader).hex(), leader);
    Dispatch dispatch = only(values(topics.work(Lane.STANDARD), 1));
    var started = new AttemptStarted(attempt(dispatch), Duration.ofMillis(100).toMillis());
    first.close();
    send(topics.results(), dispatch.getFingerprint(), new AttemptEvent(started));

    opened(topology("second"));

    List<Dispatch> dispatches = values(topics.work(Lane.STANDARD), 2);
    assertThat(dispatches.getLast().getId()).isEqualTo(dispatch.getId());
    assertThat(dispatches.getLast().getFirstAttempt()).isEqualTo(2);
    assertThat(only(values(topics.billing(), 1)).getAttemptId())
        .as("what the lost attempt may have cost")
        .isEqualTo(started.getAttempt().getId());
  }

  @Test
  void followersThatNoFlightKnowsAreForgotten() {
    RunningTopology first = topology("first");
    InferenceRequest known = aRequest("hello").withId("known").build();
    send(topics.requests(Lane.STANDARD), Fingerprint.of(known).hex(), known);
    values(topics.work(Lane.STANDARD), 1);
    first.close();

    InferenceRequest left = aRequest("long answered").withId("left").build();
    String place = Fingerprint.of(left).hex() + "/its-group/left/null";
    byte[] value =
        new AvroSerde<>(Follower.class, registry)
            .serializer()
            .serialize(FOLLOWERS_LOG, new Follower(left, Lane.STANDARD, false, null));
    var _ = producer.send(new ProducerRecord<>(FOLLOWERS_LOG, bytes(place), value));
    producer.flush();

    opened(topology("second"));

    ConsumerRecord<byte[], byte[]> deletion = records(FOLLOWERS_LOG, 2).getLast();
    assertThat(deletion.key()).isEqualTo(bytes(place));
    assertThat(deletion.value()).isNull();
  }

  @Test
  void whatWentThroughAWindowIsHandedOutOnceThoughItIsReadAgain() throws Exception {
    RunningTopology first = topology("first", PATIENT);
    IntStream.range(0, 3).forEach(this::askInWindow);
    begin(values(topics.work(Lane.BATCH), 1).getFirst());
    values(topics.work(Lane.BATCH), 3);
    askInWindow(3); // The prefix is warm: it goes at once, and is kept nowhere.
    values(topics.work(Lane.BATCH), 4);
    first.close();
    forgetWhatWasReadOfWindows();

    opened(topology("second", PATIENT));
    askInWindow(4);
    askInWindow(5); // It has forgotten how warm the prefix is: of two, one goes.

    assertThat(values(topics.work(Lane.BATCH), 5))
        .extracting(Dispatch::getId)
        .doesNotHaveDuplicates();
  }

  @Test
  void whoWaitsInAWindowIsHandedOutByTheNextInstanceOnce() throws Exception {
    RunningTopology first = topology("first", PATIENT);
    IntStream.range(0, 3).forEach(this::askInWindow);
    values(topics.work(Lane.BATCH), 1);
    records(Names.TOPOLOGY + "-" + StateStores.WAITING + "-changelog", 3);
    first.close();
    forgetWhatWasReadOfWindows();

    opened(topology("second", PATIENT));
    begin(values(topics.work(Lane.BATCH), 2).getLast());

    assertThat(values(topics.work(Lane.BATCH), 3))
        .extracting(Dispatch::getId)
        .doesNotHaveDuplicates();
  }

  @Test
  void aBatchRequestComesThroughTheGateOnceBeforeAndAfterARestart() {
    RunningTopology first = topology("first");
    InferenceRequest early = aRequest("early").withId("early").build();
    InferenceRequest late = aRequest("late").withId("late").build();
    send(topics.requests(Lane.BATCH), Fingerprint.of(early).hex(), early);
    values(topics.work(Lane.BATCH), 1);
    first.close();
    send(topics.requests(Lane.BATCH), Fingerprint.of(late).hex(), late);

    opened(topology("second"));
    assertThat(values(topics.work(Lane.BATCH), 2))
        .extracting(dispatch -> dispatch.getRequests().getFirst().getId())
        .containsExactly("early", "late");
    assertThat(values(topics.gated(), 2)).containsExactly(early, late);
  }

  private void askInWindow(int question) {
    InferenceRequest request =
        WindowTest.asking("question " + question).withId("waits-" + question).build();
    send(topics.requests(Lane.BATCH), Fingerprint.of(request).hex(), request);
  }

  private void begin(Dispatch leader) {
    assertThat(leader.getWindow()).isNotNull();
    var begun =
        new AttemptBegun("attempt of " + leader.getId(), leader.getId(), leader.getWindow());
    send(topics.results(), leader.getFingerprint(), new AttemptEvent(begun));
  }

  /** As if the instance had been killed before it could say what it had read. */
  private void forgetWhatWasReadOfWindows() throws Exception {
    var windows = new TopicPartition(topics.windows().name(), 0);
    try (Admin admin = Admin.create(kafka.admin("test"))) {
      Awaitility.await()
          .atMost(SOON)
          .ignoreExceptions() // While somebody is still a member.
          .until(() -> {
            admin
                .alterConsumerGroupOffsets(
                    Names.TOPOLOGY, Map.of(windows, new OffsetAndMetadata(0)))
                .all()
                .get();
            return true;
          });
    }
  }

  private RunningTopology topology(String name) {
    return topology(name, TestingTopology.laws());
  }

  private RunningTopology topology(String name, Laws laws) {
    return RunningTopology.start(
        TopologySettings.in(directory.resolve(name), 1, Optional.empty()),
        kafka,
        topics,
        laws,
        registry,
        new SimpleMeterRegistry());
  }

  private static Attempt attempt(Dispatch dispatch) {
    return TestingTopology.attempt(dispatch, Instant.now());
  }

  private static AttemptEvent started(Attempt attempt) {
    return new AttemptEvent(new AttemptStarted(attempt, LEASE.toMillis()));
  }

  private <V> void send(Topic<String, V> topic, String key, V value) {
    var sent = new CompletableFuture<Void>();
    var _ =
        producer.send(
            new ProducerRecord<>(
                topic.name(),
                new StringSerializer().serialize(topic.name(), key),
                topic.values().serializer().serialize(topic.name(), value)),
            (metadata, failure) -> {
              if (failure == null) {
                sent.complete(null);
              } else {
                sent.completeExceptionally(failure);
              }
            });
    sent.join();
  }

  private <V> List<V> values(Topic<String, V> topic, int atLeast) {
    return records(topic.name(), atLeast).stream()
        .map(r -> topic.values().deserializer().deserialize(r.topic(), r.value()))
        .toList();
  }

  /** Everything on a topic, once that is as many as wanted. */
  private List<ConsumerRecord<byte[], byte[]>> records(String topic, int atLeast) {
    try (var consumer =
        new KafkaConsumer<>(
            kafka.consumer("test"), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      var partition = new TopicPartition(topic, 0);
      Awaitility.await().atMost(SOON).until(() -> consumer.listTopics().containsKey(topic));
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      var found = new ArrayList<ConsumerRecord<byte[], byte[]>>();
      Awaitility.await()
          .atMost(SOON)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> {
            consumer.poll(Duration.ofMillis(100)).forEach(found::add);
            return found.size() >= atLeast;
          });
      return found;
    }
  }

  private static <T> T only(List<T> list) {
    assertThat(list).hasSize(1);
    return list.getFirst();
  }

  private static byte[] bytes(String text) {
    return new StringSerializer().serialize("", text);
  }

  <T extends AutoCloseable> T opened(T part) {
    open.add(part);
    return part;
  }
}
