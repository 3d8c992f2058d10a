package io.penstock.schemas;

import io.penstock.schemas.avro.AttemptEvent;
import io.penstock.schemas.avro.BatchEvent;
import io.penstock.schemas.avro.BudgetGrant;
import io.penstock.schemas.avro.BudgetQuestion;
import io.penstock.schemas.avro.BudgetState;
import io.penstock.schemas.avro.Cancellation;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.JobTask;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.ProviderState;
import io.penstock.schemas.avro.ResponseChunk;
import io.penstock.schemas.avro.WindowEvent;
import io.penstock.schemas.avro.Withdrawal;
import io.penstock.schemas.registry.SchemaRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * The one catalogue of topics. The request topics, {@code gated}, {@code results}, {@code
 * withdrawals} and {@code rekeyed} have the same number of partitions, so that everything about one
 * fingerprint meets in one task; the slices of budgets are addressed to those tasks.
 */
public final class Topics {
  /** How long an accepted request may be looked up, and an idempotency key is remembered. */
  public static final Duration REMEMBERED = Duration.ofDays(2);

  /** How long files are kept, and what is known of batches. */
  public static final Duration FILES_KEPT = Duration.ofDays(30);

  // A share group deals out partitions to its members, and records within a partition. A member
  // that takes nothing, because its slots are full or because it died less than a session ago,
  // keeps its partitions from the others; the only partition of a topic belongs to all members.
  private static final int WORK_PARTITIONS = 1;

  private static final Duration WORK_RETENTION = Duration.ofDays(2);

  // Read at once or never: what is missed is made good by the response.
  private static final Duration PASSING = Duration.ofHours(1);
  private static final Duration DEAD_LETTER_RETENTION = Duration.ofDays(30);

  private final Map<Lane, Topic<String, InferenceRequest>> requests = new EnumMap<>(Lane.class);
  private final Map<Lane, Topic<String, Dispatch>> work = new EnumMap<>(Lane.class);
  private final Topic<String, InferenceRequest> gated;
  private final Topic<String, InferenceRequest> rekeyed;
  private final Topic<String, AttemptEvent> results;
  private final Topic<String, InferenceResponse> responses;
  private final Topic<String, ResponseChunk> chunks;
  private final Topic<String, Withdrawal> withdrawals;
  private final Topic<String, Cancellation> cancellations;
  private final Topic<String, ProviderState> providers;
  private final Topic<String, CostEvent> billing;
  private final Topic<String, BudgetQuestion> budgetQuestions;
  private final Topic<String, BudgetGrant> budgetGrants;
  private final Topic<String, BudgetState> budgets;
  private final Topic<String, WindowEvent> windows;
  private final Topic<String, JobTask> jobs;
  private final Topic<String, byte[]> files;
  private final Topic<String, BatchEvent> batches;
  private final Topic<byte[], byte[]> deadLetters;

  /**
   * @param prefix put before every name, {@code "penstock."} by default
   * @param partitions of every topic that carries traffic, except the work topics
   */
  public Topics(String prefix, int partitions, SchemaRegistry registry) {
    Serde<String> text = Serdes.String();
    var request = new AvroSerde<>(InferenceRequest.class, registry);
    var dispatch = new AvroSerde<>(Dispatch.class, registry);
    for (Lane lane : Lane.values()) {
      String suffix = word(lane);
      requests.put(
          lane,
          new Topic<>(
              prefix + "requests." + suffix,
              "requests on the " + suffix + " lane, by fingerprint",
              text,
              request,
              partitions,
              requestRetention(lane),
              Topic.Cleanup.DELETE));
      work.put(
          lane,
          new Topic<>(
              prefix + "work." + suffix,
              "dispatches for the workers of the " + suffix + " lane, by dispatch id",
              text,
              dispatch,
              WORK_PARTITIONS,
              WORK_RETENTION,
              Topic.Cleanup.DELETE));
    }
    gated =
        new Topic<>(
            prefix + "internal.gated",
            "requests of the batch lane that have passed the gate: the backlog waits outside",
            text,
            request,
            partitions,
            WORK_RETENTION,
            Topic.Cleanup.DELETE);
    rekeyed =
        new Topic<>(
            prefix + "internal.rekeyed",
            "requests that came with another key than their fingerprint (one extra hop)",
            text,
            request,
            partitions,
            WORK_RETENTION,
            Topic.Cleanup.DELETE);
    results =
        new Topic<>(
            prefix + "results",
            "attempts started, renewed and ended, by fingerprint",
            text,
            new AvroSerde<>(AttemptEvent.class, registry),
            partitions,
            WORK_RETENTION,
            Topic.Cleanup.DELETE);
    responses =
        new Topic<>(
            prefix + "responses",
            "the one terminal response of each request, by request id",
            text,
            new AvroSerde<>(InferenceResponse.class, registry),
            partitions,
            REMEMBERED,
            Topic.Cleanup.DELETE);
    chunks =
        new Topic<>(
            prefix + "chunks",
            "answers piece by piece as they are given, by request id: on the partition of the response",
            text,
            new AvroSerde<>(ResponseChunk.class, registry),
            partitions,
            PASSING,
            Topic.Cleanup.DELETE);
    withdrawals =
        new Topic<>(
            prefix + "withdrawals",
            "who no longer wants an answer, by fingerprint",
            text,
            new AvroSerde<>(Withdrawal.class, registry),
            partitions,
            WORK_RETENTION,
            Topic.Cleanup.DELETE);
    cancellations =
        new Topic<>(
            prefix + "cancellations",
            "dispatches that nobody waits for any more, by dispatch id: for all workers",
            text,
            new AvroSerde<>(Cancellation.class, registry),
            1,
            PASSING,
            Topic.Cleanup.DELETE);
    providers =
        new Topic<>(
            prefix + "providers",
            "how each worker finds each model of each provider",
            text,
            new AvroSerde<>(ProviderState.class, registry),
            1,
            PASSING, // who lives says it again, and who was killed takes nothing back
            Topic.Cleanup.COMPACT_AND_DELETE);
    billing =
        new Topic<>(
            prefix + "billing",
            "money spent and avoided, by event id: the ledger is this log",
            text,
            new AvroSerde<>(CostEvent.class, registry),
            partitions,
            Topic.FOREVER,
            Topic.Cleanup.DELETE);
    budgetQuestions =
        new Topic<>(
            prefix + "internal.budget.questions",
            "tasks ask for slices of budgets, by tenant",
            text,
            new AvroSerde<>(BudgetQuestion.class, registry),
            partitions,
            WORK_RETENTION,
            Topic.Cleanup.DELETE);
    budgetGrants =
        new Topic<>(
            prefix + "internal.budget.grants",
            "slices of budgets, on the partition of the task that asked",
            text,
            new AvroSerde<>(BudgetGrant.class, registry),
            partitions,
            WORK_RETENTION,
            Topic.Cleanup.DELETE);
    budgets =
        new Topic<>(
            prefix + "budgets",
            "how each budget stands, by tenant, key and period",
            text,
            new AvroSerde<>(BudgetState.class, registry),
            1,
            Topic.FOREVER,
            Topic.Cleanup.COMPACT);
    windows =
        new Topic<>(
            prefix + "internal.windows",
            "dispatches that wait for others, and what they wait for, by window",
            text,
            new AvroSerde<>(WindowEvent.class, registry),
            partitions,
            WORK_RETENTION,
            Topic.Cleanup.DELETE);
    jobs =
        new Topic<>(
            prefix + "work.jobs",
            "what workers are to do about batches of providers, by job",
            text,
            new AvroSerde<>(JobTask.class, registry),
            WORK_PARTITIONS,
            WORK_RETENTION,
            Topic.Cleanup.DELETE);
    files =
        new Topic<>(
            prefix + "files",
            "uploaded files and the output of batches in chunks, by file id",
            text,
            Serdes.ByteArray(),
            partitions,
            FILES_KEPT,
            Topic.Cleanup.DELETE);
    batches =
        new Topic<>(
            prefix + "batches",
            "whose the files are and how the batches stand, by their ids",
            text,
            new AvroSerde<>(BatchEvent.class, registry),
            partitions,
            FILES_KEPT,
            Topic.Cleanup.COMPACT_AND_DELETE);
    deadLetters =
        new Topic<>(
            prefix + "dead-letters",
            "records nobody could read: the original bytes, the reason in headers",
            Serdes.ByteArray(),
            Serdes.ByteArray(),
            1,
            DEAD_LETTER_RETENTION,
            Topic.Cleanup.DELETE);
  }

  /**
   * The log of the embedded registry. It stands outside {@link #all()}, which needs a registry
   * first.
   *
   * @param prefix as of the other topics
   */
  public static Topic<byte[], byte[]> schemas(String prefix) {
    return new Topic<>(
        prefix + "schemas",
        "the embedded registry: every schema with its id",
        Serdes.ByteArray(),
        Serdes.ByteArray(),
        1,
        Topic.FOREVER,
        Topic.Cleanup.COMPACT);
  }

  /**
   * Registers the value schema of every topic, so that clients in other languages find them before
   * the first record is written.
   *
   * @throws io.penstock.schemas.registry.RegistryException as {@link SchemaRegistry#register}
   */
  public void registerSchemas() {
    for (Topic<?, ?> topic : all()) {
      if (topic.values() instanceof AvroSerde<?> avro) {
        avro.register(topic.name());
      }
    }
  }

  // On every lane a request may be given the longest deadline, and wait that long to be read.
  private static Duration requestRetention(Lane lane) {
    return switch (lane) {
      case EXPRESS, STANDARD -> REMEMBERED;
      case BATCH -> Duration.ofDays(3);
    };
  }

  /** The lane's word in topic names, JSON and metrics: lower case. */
  public static String word(Lane lane) {
    return lane.name().toLowerCase(Locale.ROOT);
  }

  public Topic<String, InferenceRequest> requests(Lane lane) {
    return get(requests, lane);
  }

  public Topic<String, Dispatch> work(Lane lane) {
    return get(work, lane);
  }

  public Topic<String, InferenceRequest> gated() {
    return gated;
  }

  public Topic<String, InferenceRequest> rekeyed() {
    return rekeyed;
  }

  public Topic<String, AttemptEvent> results() {
    return results;
  }

  public Topic<String, InferenceResponse> responses() {
    return responses;
  }

  public Topic<String, ResponseChunk> chunks() {
    return chunks;
  }

  public Topic<String, Withdrawal> withdrawals() {
    return withdrawals;
  }

  public Topic<String, Cancellation> cancellations() {
    return cancellations;
  }

  public Topic<String, ProviderState> providers() {
    return providers;
  }

  public Topic<String, CostEvent> billing() {
    return billing;
  }

  public Topic<String, BudgetQuestion> budgetQuestions() {
    return budgetQuestions;
  }

  public Topic<String, BudgetGrant> budgetGrants() {
    return budgetGrants;
  }

  public Topic<String, BudgetState> budgets() {
    return budgets;
  }

  public Topic<String, WindowEvent> windows() {
    return windows;
  }

  public Topic<String, JobTask> jobs() {
    return jobs;
  }

  public Topic<String, byte[]> files() {
    return files;
  }

  public Topic<String, BatchEvent> batches() {
    return batches;
  }

  public Topic<byte[], byte[]> deadLetters() {
    return deadLetters;
  }

  /** Every topic to provision, in the order data flows. */
  public List<Topic<?, ?>> all() {
    return List.of(
        requests(Lane.EXPRESS),
        requests(Lane.STANDARD),
        requests(Lane.BATCH),
        gated,
        rekeyed,
        windows,
        work(Lane.EXPRESS),
        work(Lane.STANDARD),
        work(Lane.BATCH),
        jobs,
        results,
        chunks,
        withdrawals,
        cancellations,
        providers,
        responses,
        billing,
        budgetQuestions,
        budgetGrants,
        budgets,
        files,
        batches,
        deadLetters);
  }

  private static <V> V get(Map<Lane, V> byLane, Lane lane) {
    V topic = byLane.get(lane);
    if (topic == null) {
      throw new IllegalStateException("no topic for lane " + lane);
    }
    return topic;
  }
}
