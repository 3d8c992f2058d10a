package io.penstock.workers;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.embedded.testing.TestingBroker;
import io.penstock.policies.calling.Timing;
import io.penstock.policies.calling.Walking;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Messages;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.TrustedRecords;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.Cancellation;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.ResponseChunk;
import io.penstock.schemas.registry.SchemaRegistry;
import io.penstock.workers.provider.ProviderSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A provider that does as it is told, and workers that call it. It sees of the topics only what
 * came after it. What it started it closes.
 */
final class Plant implements AutoCloseable {
  static final String PROVIDER = "fake";
  static final String MODEL = "model-1";

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** As usual, but with leases that no call of a test outlasts: a renewal is a record, too. */
  static final Timing TIMING =
      new Timing(
          Timing.DEFAULT.lateGrace(),
          Timing.DEFAULT.longestCall(),
          Timing.DEFAULT.startPatience(),
          leases(Duration.ofHours(1)));

  private final KafkaConnection kafka;
  private final Topics topics;
  private final MockWebServer provider = new MockWebServer();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final KafkaConsumer<byte[], byte[]> reader;
  private final List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final List<Workers> workers = new ArrayList<>();
  private final KafkaProducer<byte[], byte[]> producer;

  /** How the provider answers; it may block, and sees what is on the log meanwhile. */
  interface Behaviour {
    MockResponse to(RecordedRequest request, Plant plant);
  }

  /**
   * A broker with topics. Joining a share group on new topics takes seconds, so tests share them.
   */
  record Site(TestingBroker broker, Topics topics, SchemaRegistry registry)
      implements AutoCloseable {
    private static final String PREFIX = "test.";
    private static final int PARTITIONS = 2;

    static Site open() {
      var registry = new MemoryRegistry();
      var topics = new Topics(PREFIX, PARTITIONS, registry);
      return new Site(TestingBroker.start(topics), topics, registry);
    }

    /** The same topics as somebody sees them who has another registry. */
    Topics seenThrough(SchemaRegistry other) {
      return new Topics(PREFIX, PARTITIONS, other);
    }

    @Override
    public void close() {
      broker.close();
    }
  }

  private Plant(Site site) {
    this.kafka = KafkaConnection.to(site.broker.bootstrap());
    this.topics = site.topics;
    var bytes = new ByteArraySerializer();
    this.producer =
        new KafkaProducer<>(kafka.producer("plant", Duration.ZERO, PATIENCE), bytes, bytes);
    var asTheyAre = new ByteArrayDeserializer();
    this.reader = new KafkaConsumer<>(kafka.consumer("plant-reader"), asTheyAre, asTheyAre);
    var partitions =
        Stream.of(topics.results(), topics.deadLetters(), topics.chunks(), topics.providers())
            .flatMap(topic -> reader.partitionsFor(topic.name()).stream())
            .map(p -> new TopicPartition(p.topic(), p.partition()))
            .toList();
    reader.assign(partitions);
    reader.endOffsets(partitions).forEach(reader::seek);
  }

  static Plant on(Site site, Behaviour behaviour) {
    var plant = new Plant(site);
    plant.provider.setDispatcher(
        new Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) {
            return behaviour.to(request, plant);
          }
        });
    try {
      plant.provider.start(InetAddress.getLoopbackAddress(), 0);
    } catch (IOException e) {
      throw new IllegalStateException("no port for the fake provider", e);
    }
    return plant;
  }

  /** A complete answer. */
  static MockResponse answer(String text) {
    return new MockResponse.Builder()
        .body(
            """
            {"model":"model-1-2026","choices":[{"message":{"content":"%s"},"finish_reason":"stop"}],
             "usage":{"prompt_tokens":3,"completion_tokens":4}}
            """
                .formatted(text))
        .build();
  }

  /** An answer that is not given before {@link #release()}. */
  MockResponse held() {
    try {
      gate.await();
      return answer("Hi");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return refusal(500).build();
    }
  }

  /** Gives all held answers. */
  void release() {
    gate.countDown();
  }

  static MockResponse.Builder refusal(int status) {
    return new MockResponse.Builder().code(status).body("{\"error\":{\"message\":\"no\"}}");
  }

  KafkaConnection kafka() {
    return kafka;
  }

  Topics topics() {
    return topics;
  }

  MockWebServer provider() {
    return provider;
  }

  /** The metrics of the first worker. */
  SimpleMeterRegistry meters() {
    return meters;
  }

  /** Settings for a worker of the express lane. */
  static WorkerSettings settings(String name, int slots) {
    return new WorkerSettings(name, slots, Set.of(Lane.EXPRESS), Walking.DEFAULT, TIMING);
  }

  /** The same lease on every lane. */
  static Map<Lane, Duration> leases(Duration lease) {
    return Map.of(Lane.EXPRESS, lease, Lane.STANDARD, lease, Lane.BATCH, lease);
  }

  /** Starts a worker that calls the fake provider. */
  Workers worker(WorkerSettings settings) {
    return worker(settings, topics);
  }

  /** As above, for a worker that sees the topics in its own way. */
  Workers worker(WorkerSettings settings, Topics seen) {
    return worker(
        settings, seen, ProviderSettings.openAi(PROVIDER, provider.url("/v1").toString(), null));
  }

  /** Starts a worker that calls another provider. */
  Workers worker(WorkerSettings settings, ProviderSettings called) {
    return worker(settings, topics, called);
  }

  private Workers worker(WorkerSettings settings, Topics seen, ProviderSettings called) {
    var registry = workers.isEmpty() ? meters : new SimpleMeterRegistry();
    return added(Workers.start(settings, kafka, seen, List.of(called), registry));
  }

  /** Starts a worker that, when it is closed, lets running calls go after another time. */
  Workers worker(WorkerSettings settings, Duration grace) {
    var called = ProviderSettings.openAi(PROVIDER, provider.url("/v1").toString(), null);
    var registry = workers.isEmpty() ? meters : new SimpleMeterRegistry();
    return added(Workers.start(settings, kafka, topics, List.of(called), registry, grace));
  }

  private Workers added(Workers started) {
    workers.add(started);
    return started;
  }

  /** A dispatch on the express lane that has a minute. */
  static Dispatch aDispatch() {
    return aDispatch(Lane.EXPRESS);
  }

  static Dispatch aDispatch(Lane lane) {
    return aDispatch(lane, Instant.now().plusSeconds(60), new Candidate(PROVIDER, MODEL));
  }

  static Dispatch aDispatch(Instant deadlineAt, Candidate... plan) {
    return aDispatch(Lane.EXPRESS, deadlineAt, plan);
  }

  private static Dispatch aDispatch(Lane lane, Instant deadlineAt, Candidate... plan) {
    String id = UUID.randomUUID().toString();
    var request =
        new InferenceRequest(
            "r-" + id,
            "tenant-1",
            "auto",
            List.of(Messages.text("user", "What is " + id + "?")),
            50,
            null,
            true,
            Instant.now(),
            deadlineAt,
            null,
            null,
            Map.of("team", "a"),
            Endpoint.CHAT,
            null,
            null,
            Dialect.PENSTOCK,
            null,
            null,
            null,
            null,
            false);
    return new Dispatch(
        "d-" + id,
        "f-" + id,
        lane,
        1,
        List.of(plan),
        deadlineAt,
        List.of(request),
        null,
        false,
        null);
  }

  /** The same dispatch, whose leader wants its answer piece by piece. */
  static Dispatch streamed(Dispatch dispatch) {
    TrustedRecords.trust();
    var leader =
        InferenceRequest.newBuilder(dispatch.getRequests().getFirst())
            .setStream(true)
            .setReplyPartition(1)
            .build();
    return Dispatch.newBuilder(dispatch).setRequests(List.of(leader)).build();
  }

  /** Tells all workers that nobody waits for a dispatch any more. */
  void cancel(Dispatch dispatch) {
    var topic = topics.cancellations();
    var cancellation = new Cancellation(dispatch.getId(), "tenant-1", Instant.now());
    send(
        topic.name(),
        topic.keys().serializer().serialize(topic.name(), dispatch.getId()),
        topic.values().serializer().serialize(topic.name(), cancellation));
  }

  /** A streamed answer in these pieces. */
  static MockResponse stream(String... pieces) {
    var body = new StringBuilder();
    for (String piece : pieces) {
      body.append(event("{\"content\":\"" + piece + "\"}", "null"));
    }
    body.append(event("{}", "\"stop\""))
        .append(
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\n")
        .append("data: [DONE]\n\n");
    return events(body.toString()).build();
  }

  /** A streamed answer whose connection ends in the middle. */
  static MockResponse cutStream(String... pieces) {
    var body = new StringBuilder();
    for (String piece : pieces) {
      body.append(event("{\"content\":\"" + piece + "\"}", "null"));
    }
    return events(body.toString()).build();
  }

  private static String event(String delta, String finish) {
    return "data: {\"model\":\"model-1-2026\",\"choices\":[{\"index\":0,\"delta\":"
        + delta
        + ",\"finish_reason\":"
        + finish
        + "}]}\n\n";
  }

  private static MockResponse.Builder events(String body) {
    return new MockResponse.Builder().addHeader("Content-Type", "text/event-stream").body(body);
  }

  /** All chunks on the log at this moment. */
  List<ResponseChunk> chunks() {
    var values = topics.chunks().values().deserializer();
    return records(topics.chunks()).stream()
        .map(record -> values.deserialize(record.topic(), record.value()))
        .toList();
  }

  /** Hands a dispatch to the workers of its lane. */
  Dispatch send(Dispatch dispatch) {
    var work = topics.work(dispatch.getLane());
    send(
        work.name(),
        work.keys().serializer().serialize(work.name(), dispatch.getId()),
        work.values().serializer().serialize(work.name(), dispatch));
    return dispatch;
  }

  /** Hands anything to anyone. */
  void send(String topic, byte[] key, byte[] value) {
    try {
      producer
          .send(new ProducerRecord<>(topic, key, value))
          .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the broker took no record", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** All events on the log at this moment, in order for each fingerprint. */
  List<Object> events() {
    var values = topics.results().values().deserializer();
    return records(topics.results()).stream()
        .map(record -> values.deserialize(record.topic(), record.value()).getEvent())
        .toList();
  }

  Stream<AttemptStarted> started() {
    return events().stream()
        .filter(AttemptStarted.class::isInstance)
        .map(AttemptStarted.class::cast);
  }

  Stream<AttemptEnded> ended() {
    return events().stream().filter(AttemptEnded.class::isInstance).map(AttemptEnded.class::cast);
  }

  /** Why an attempt brought no answer. */
  static Failure failure(AttemptEnded ended) {
    assertThat(ended.getOutcome()).isInstanceOf(Failure.class);
    return (Failure) ended.getOutcome();
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  List<ConsumerRecord<byte[], byte[]>> deadLetters() {
    return records(topics.deadLetters());
  }

  /** All records that came to a topic up to this moment. */
  List<ConsumerRecord<byte[], byte[]>> records(Topic<?, ?> topic) {
    synchronized (read) {
      var ends = reader.endOffsets(reader.assignment());
      while (ends.entrySet().stream().anyMatch(e -> reader.position(e.getKey()) < e.getValue())) {
        reader.poll(Duration.ofMillis(50)).forEach(read::add);
      }
      return read.stream().filter(record -> record.topic().equals(topic.name())).toList();
    }
  }

  @Override
  public void close() {
    release();
    workers.forEach(Workers::close);
    producer.close();
    reader.close();
    provider.close();
  }
}
