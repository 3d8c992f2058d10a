package io.penstock.topology.flow;

import io.penstock.schemas.AvroSerde;
import io.penstock.schemas.Limits;
import io.penstock.schemas.avro.Account;
import io.penstock.schemas.avro.CachedAnswer;
import io.penstock.schemas.avro.Claim;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.Follower;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Job;
import io.penstock.schemas.avro.JobItem;
import io.penstock.schemas.avro.Reservation;
import io.penstock.schemas.avro.Slice;
import io.penstock.schemas.avro.Waiting;
import io.penstock.schemas.registry.SchemaRegistry;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The catalogue of state stores. Durable ones write through to their changelog at once, never at
 * the next commit: what a record changed must be on the log before what it caused.
 */
public final class StateStores {
  /** Fingerprint → what is in flight for it. */
  public static final String FLIGHTS = "flights";

  /** Fingerprint, group, request id, reply partition → a request that waits for its leader. */
  public static final String FOLLOWERS = "followers";

  /** What is due when, and which groups have followers; in memory, rebuilt from the two above. */
  public static final String AGENDA = "agenda";

  /** Fingerprint → a complete answer: the exact cache. */
  public static final String ANSWERS = "answers";

  /** Claim key of an idempotency key, request id → the response under them. */
  public static final String ANSWERED = "answered";

  /** Claim key of an idempotency key → what it was first used for. */
  public static final String CLAIMS = "claims";

  /** A budget in one of its periods → this task's slice of it. */
  public static final String SLICES = "slices";

  /** Fingerprint, dispatch id → what the dispatch takes from budgets. */
  public static final String RESERVATIONS = "reservations";

  /** Sums and lists of the two above; in memory, rebuilt from them. */
  public static final String NOTES = "notes";

  /** A budget in one of its periods → who has how much of it. */
  public static final String ACCOUNTS = "accounts";

  /** A window, dispatch id → a dispatch that waits in it. */
  public static final String WAITING = "waiting";

  /** A window, offset → a dispatch that waits for a job or is in one. */
  public static final String JOB_ITEMS = "job-items";

  /** A window, job id → a job until it is forgotten. */
  public static final String JOBS = "jobs";

  private static final Map<String, String> CHANGELOG =
      Map.of(
          TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(Limits.LARGEST_RECORD_BYTES),
          TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(64 * 1024 * 1024));

  private final StoreBuilder<KeyValueStore<String, Flights>> flights;
  private final StoreBuilder<KeyValueStore<String, Follower>> followers;
  private final StoreBuilder<KeyValueStore<String, Long>> agenda;
  private final StoreBuilder<KeyValueStore<String, CachedAnswer>> answers;
  private final StoreBuilder<KeyValueStore<String, InferenceResponse>> answered;
  private final StoreBuilder<KeyValueStore<String, Claim>> claims;
  private final StoreBuilder<KeyValueStore<String, Slice>> slices;
  private final StoreBuilder<KeyValueStore<String, Reservation>> reservations;
  private final StoreBuilder<KeyValueStore<String, Long>> notes;
  private final StoreBuilder<KeyValueStore<String, Account>> accounts;
  private final StoreBuilder<KeyValueStore<String, Waiting>> waiting;
  private final StoreBuilder<KeyValueStore<String, JobItem>> jobItems;
  private final StoreBuilder<KeyValueStore<String, Job>> jobs;

  /** Gathers stores by name, so that the topology is described in the same words every time. */
  public static Collector<StoreBuilder<?>, ?, Set<StoreBuilder<?>>> byName() {
    return Collectors.toCollection(() -> new TreeSet<>(Comparator.comparing(StoreBuilder::name)));
  }

  public StateStores(SchemaRegistry registry) {
    flights = durable(FLIGHTS, Flights.class, registry);
    followers = durable(FOLLOWERS, Follower.class, registry);
    agenda = inMemory(AGENDA);
    answers = durable(ANSWERS, CachedAnswer.class, registry);
    answered = durable(ANSWERED, InferenceResponse.class, registry);
    claims = durable(CLAIMS, Claim.class, registry);
    slices = durable(SLICES, Slice.class, registry);
    reservations = durable(RESERVATIONS, Reservation.class, registry);
    notes = inMemory(NOTES);
    accounts = durable(ACCOUNTS, Account.class, registry);
    waiting = durable(WAITING, Waiting.class, registry);
    jobItems = durable(JOB_ITEMS, JobItem.class, registry);
    jobs = durable(JOBS, Job.class, registry);
  }

  /** Everything a processor needs that looks into what is in flight. */
  public Set<StoreBuilder<?>> inFlight() {
    return Set.of(flights, followers, agenda);
  }

  public StoreBuilder<KeyValueStore<String, CachedAnswer>> answers() {
    return answers;
  }

  public StoreBuilder<KeyValueStore<String, InferenceResponse>> answered() {
    return answered;
  }

  public StoreBuilder<KeyValueStore<String, Claim>> claims() {
    return claims;
  }

  /** Everything a processor needs that spends money. */
  public Set<StoreBuilder<?>> budgets() {
    return Set.of(slices, reservations, notes);
  }

  public StoreBuilder<KeyValueStore<String, Account>> accounts() {
    return accounts;
  }

  /** Everything a processor needs that lets dispatches wait. */
  public Set<StoreBuilder<?>> waiting() {
    return Set.of(waiting, jobItems, jobs);
  }

  private static StoreBuilder<KeyValueStore<String, Long>> inMemory(String name) {
    return Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.Long())
        .withLoggingDisabled()
        .withCachingDisabled();
  }

  private static <V extends SpecificRecord> StoreBuilder<KeyValueStore<String, V>> durable(
      String name, Class<V> type, SchemaRegistry registry) {
    return Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(name), Serdes.String(), new AvroSerde<>(type, registry))
        .withLoggingEnabled(CHANGELOG)
        .withCachingDisabled();
  }
}
