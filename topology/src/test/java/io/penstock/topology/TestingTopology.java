package io.penstock.topology;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.policies.admit.Admission;
import io.penstock.policies.budget.Budgets;
import io.penstock.policies.coalesce.Rules;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.cost.Costing;
import io.penstock.policies.cost.Price;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.policies.cost.Rates;
import io.penstock.policies.exactcache.Freshness;
import io.penstock.policies.fingerprint.Fingerprint;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Money;
import io.penstock.schemas.Names;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptEvent;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.BudgetGrant;
import io.penstock.schemas.avro.BudgetQuestion;
import io.penstock.schemas.avro.BudgetState;
import io.penstock.schemas.avro.Cancellation;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.JobItem;
import io.penstock.schemas.avro.JobReport;
import io.penstock.schemas.avro.JobTask;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.WindowEvent;
import io.penstock.schemas.avro.Withdrawal;
import io.penstock.schemas.registry.SchemaRegistry;
import io.penstock.topology.dispatch.WorkLog;
import io.penstock.topology.flow.StateStores;
import io.penstock.topology.gate.Gate;
import io.penstock.topology.gate.GatedLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** The whole topology with a settable clock and no broker. One partition, one task. */
final class TestingTopology implements AutoCloseable {
  static final String MODEL = "gpt-test";
  static final Instant START = Instant.parse("2026-11-24T12:00:00Z");
  static final Duration LEASE = Duration.ofSeconds(10);

  /** One pico-dollar per input token and three per output token keep sums readable. */
  static final Rates RATES = new Rates(new Money(1), null, null, null, new Money(3));

  final Topics topics;
  private final SchemaRegistry registry = new MemoryRegistry();
  private final Laws laws;
  private final Path stateDir;
  private TopologyTestDriver driver;
  private Instant now = START;

  TestingTopology() {
    this(Budgets.NONE);
  }

  TestingTopology(Budgets budgets) {
    this(laws(budgets));
  }

  TestingTopology(Laws laws) {
    this.laws = laws;
    topics = new Topics("penstock.", 1, registry);
    try {
      stateDir = Files.createTempDirectory("penstock-topology");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    driver = driver();
  }

  private TopologyTestDriver driver() {
    Properties config = config(stateDir);
    return new TopologyTestDriver(
        InferenceTopology.build(
            topics, laws, WorkLog.UNKNOWN, gate(), registry, new SimpleMeterRegistry(), config),
        config,
        now);
  }

  static Topology describe() {
    var registry = new MemoryRegistry();
    return InferenceTopology.build(
        new Topics("penstock.", 1, registry),
        laws(),
        WorkLog.UNKNOWN,
        gate(),
        registry,
        new SimpleMeterRegistry(),
        config(Path.of("unused")));
  }

  private static Gate gate() {
    return new Gate(GatedLog.UNKNOWN, InstantSource.system(), new SimpleMeterRegistry());
  }

  private static Properties config(Path stateDir) {
    var config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, Names.TOPOLOGY);
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
    config.put(StreamsConfig.STATE_DIR_CONFIG, stateDir.toString());
    config.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    config.put("processing.exception.handler.global.enabled", true);
    return config;
  }

  static Laws laws() {
    return laws(Budgets.NONE);
  }

  static Laws laws(Budgets budgets) {
    var models = new ModelDirectory(Map.of(MODEL, "openai", "unpriced", "openai"), MODEL);
    var price = new Price("openai", MODEL, "v1", Instant.EPOCH, null, RATES, List.<Price.Tier>of());
    return new Laws(
        new Admission(Admission.DEFAULT_DEADLINES, models, 1),
        Freshness.DEFAULT,
        new SingleFlight(Rules.DEFAULT),
        new Costing(new PriceCatalogue(List.of(price))),
        budgets);
  }

  // ---- what goes in

  void ask(Lane lane, InferenceRequest request) {
    String idempotencyKey = request.getIdempotencyKey();
    String key =
        idempotencyKey == null
            ? Fingerprint.of(request).hex()
            : Fingerprint.ofClaim(request.getTenant(), idempotencyKey).hex();
    ask(lane, key, request);
  }

  void ask(InferenceRequest request) {
    ask(Lane.STANDARD, request);
  }

  void ask(Lane lane, @Nullable String key, InferenceRequest request) {
    // No pump is here that would let it in.
    Topic<String, InferenceRequest> topic =
        lane == Lane.BATCH ? topics.gated() : topics.requests(lane);
    driver
        .createInputTopic(topic.name(), new StringSerializer(), topic.values().serializer())
        .pipeInput(new TestRecord<>(key, request, now()));
  }

  /** The gate lets a request in that has this offset on the batch lane. */
  void letIn(long offset, InferenceRequest request) {
    Topic<String, InferenceRequest> topic = topics.gated();
    Headers headers =
        new RecordHeaders()
            .add(Names.HEADER_GATED, ByteBuffer.allocate(Long.BYTES).putLong(offset).array());
    driver
        .createInputTopic(topic.name(), new StringSerializer(), topic.values().serializer())
        .pipeInput(new TestRecord<>(Fingerprint.of(request).hex(), request, headers, now()));
  }

  void askUnreadably(byte[] key, byte[] value) {
    driver
        .createInputTopic(
            topics.requests(Lane.STANDARD).name(),
            new ByteArraySerializer(),
            new ByteArraySerializer())
        .pipeInput(new TestRecord<>(key, value, now()));
  }

  /** A worker writes {@code AttemptStarted}. */
  Attempt start(Dispatch dispatch) {
    Attempt attempt = attempt(dispatch, now());
    report(dispatch.getFingerprint(), new AttemptStarted(attempt, LEASE.toMillis()));
    return attempt;
  }

  /** The next attempt at a dispatch. */
  static Attempt attempt(Dispatch dispatch, Instant startedAt) {
    InferenceRequest request = dispatch.getRequests().getFirst();
    return new Attempt(
        UUID.randomUUID().toString(),
        dispatch.getId(),
        dispatch.getFirstAttempt(),
        "worker-1",
        dispatch.getPlan().getFirst().getProvider(),
        dispatch.getPlan().getFirst().getModel(),
        request.getModel(),
        request.getId(),
        request.getTenant(),
        dispatch.getLane(),
        startedAt,
        100L,
        request.getMaxTokens(),
        Map.of(),
        request.getKeyId(),
        null,
        dispatch.getWindow());
  }

  /** A worker writes {@code AttemptEnded} with an answer of 10 input and 20 output tokens. */
  AttemptEnded answer(Dispatch dispatch, Attempt attempt, String text) {
    return end(dispatch, attempt, Answers.text(text, "stop"), Tokens.plain(10, 20), null);
  }

  AttemptEnded fail(Dispatch dispatch, Attempt attempt, Failure failure) {
    return end(dispatch, attempt, failure, null, null);
  }

  AttemptEnded end(
      Dispatch dispatch,
      Attempt attempt,
      Object outcome,
      @Nullable Tokens tokens,
      @Nullable Duration retryAfter) {
    var ended =
        new AttemptEnded(
            attempt,
            now(),
            outcome,
            attempt.getModel(),
            tokens == null ? null : tokens.toUsage(),
            retryAfter == null ? null : retryAfter.toMillis(),
            null,
            List.of(),
            null,
            null);
    report(dispatch.getFingerprint(), ended);
    return ended;
  }

  void report(String fingerprint, Object event) {
    driver
        .createInputTopic(
            topics.results().name(), new StringSerializer(), topics.results().values().serializer())
        .pipeInput(new TestRecord<>(fingerprint, new AttemptEvent(event), now()));
  }

  /** A worker says how a job stands. */
  void reportJob(JobTask task, Object outcome) {
    driver
        .createInputTopic(
            topics.windows().name(), new StringSerializer(), topics.windows().values().serializer())
        .pipeInput(
            new TestRecord<>(
                task.getWindow(),
                new WindowEvent(new JobReport(task.getJobId(), task.getNumber(), outcome)),
                now()));
  }

  /** Whoever sent a request no longer wants its answer. */
  void withdraw(InferenceRequest request) {
    var withdrawal =
        new Withdrawal(
            request.getId(), request.getTenant(), request.getReplyPartition(), now(), false);
    driver
        .createInputTopic(
            topics.withdrawals().name(),
            new StringSerializer(),
            topics.withdrawals().values().serializer())
        .pipeInput(new TestRecord<>(Fingerprint.of(request).hex(), withdrawal, now()));
  }

  void withdrawUnreadably(byte[] value) {
    driver
        .createInputTopic(
            topics.withdrawals().name(), new StringSerializer(), new ByteArraySerializer())
        .pipeInput(new TestRecord<>("some-fingerprint", value, now()));
  }

  void reportUnreadably(byte[] value) {
    driver
        .createInputTopic(
            topics.results().name(), new StringSerializer(), new ByteArraySerializer())
        .pipeInput(new TestRecord<>("some-fingerprint", value, now()));
  }

  void pass(Duration time) {
    now = now.plus(time);
    driver.advanceWallClockTime(time);
  }

  /**
   * The task dies, and starts anew from its durable stores. What was in memory is lost, and so is
   * what came out and was not looked at.
   */
  void restart() {
    // The driver is left as it is: closing it would delete what the stores leave behind.
    driver.getAllStateStores().values().forEach(StateStore::close);
    driver = driver();
  }

  Instant now() {
    return now;
  }

  // ---- what comes out

  List<InferenceResponse> responses() {
    return values(topics.responses());
  }

  List<CostEvent> costs() {
    return values(topics.billing());
  }

  List<Dispatch> dispatches() {
    return dispatches(Lane.STANDARD);
  }

  List<Dispatch> dispatches(Lane lane) {
    return values(topics.work(lane));
  }

  List<JobTask> tasks() {
    return values(topics.jobs());
  }

  List<Cancellation> cancellations() {
    return values(topics.cancellations());
  }

  List<BudgetState> budgets() {
    return values(topics.budgets());
  }

  List<BudgetQuestion> questions() {
    return values(topics.budgetQuestions());
  }

  List<BudgetGrant> grants() {
    return values(topics.budgetGrants());
  }

  List<InferenceRequest> rekeyed() {
    return values(topics.rekeyed());
  }

  List<TestRecord<byte[], byte[]>> deadLetters() {
    return driver
        .createOutputTopic(
            topics.deadLetters().name(), new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  /** Records written to a store's changelog since the last look; a deletion has no value. */
  List<TestRecord<String, byte[]>> changelog(String store) {
    return driver
        .createOutputTopic(
            Names.TOPOLOGY + "-" + store + "-changelog",
            new StringDeserializer(),
            new ByteArrayDeserializer())
        .readRecordsToList();
  }

  /** What a job's store knows of the dispatch at an offset. */
  JobItem jobItem(long offset) {
    KeyValueStore<String, JobItem> store = driver.getKeyValueStore(StateStores.JOB_ITEMS);
    try (var all = store.all()) {
      while (all.hasNext()) {
        JobItem item = all.next().value;
        if (item.getOffset() == offset) {
          return item;
        }
      }
    }
    throw new AssertionError("nothing is known of offset " + offset);
  }

  long entries(String store) {
    var count = new long[1];
    try (var all = driver.getKeyValueStore(store).all()) {
      all.forEachRemaining(entry -> count[0]++);
    }
    return count[0];
  }

  private <V> List<V> values(Topic<String, V> topic) {
    return driver
        .createOutputTopic(topic.name(), new StringDeserializer(), topic.values().deserializer())
        .readValuesToList();
  }

  @Override
  public void close() {
    driver.close();
    try {
      Files.deleteIfExists(stateDir); // The driver empties it.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
