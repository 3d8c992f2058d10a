package io.penstock.topology.flow;

import io.penstock.schemas.AvroSerde;
import io.penstock.schemas.Limits;
import io.penstock.schemas.avro.CachedAnswer;
import io.penstock.schemas.avro.Claim;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.Follower;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.registry.SchemaRegistry;
import java.util.Map;
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

  /** Group, request id, reply partition → a request that waits for its leader. */
  public static final String FOLLOWERS = "followers";

  /** What is due when, and which groups have followers; in memory, rebuilt from the two above. */
  public static final String AGENDA = "agenda";

  /** Fingerprint → a complete answer: the exact cache. */
  public static final String ANSWERS = "answers";

  /** Request id of an idempotent request → its response. */
  public static final String ANSWERED = "answered";

  /** Claim key of an idempotency key → what it was first used for. */
  public static final String CLAIMS = "claims";

  private static final Map<String, String> CHANGELOG =
      Map.of(
          TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(Limits.LARGEST_RECORD_BYTES),
          TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(64 * 1024 * 1024));

  private final SchemaRegistry registry;

  public StateStores(SchemaRegistry registry) {
    this.registry = registry;
  }

  public StoreBuilder<KeyValueStore<String, Flights>> flights() {
    return durable(FLIGHTS, Flights.class);
  }

  public StoreBuilder<KeyValueStore<String, Follower>> followers() {
    return durable(FOLLOWERS, Follower.class);
  }

  public StoreBuilder<KeyValueStore<String, Long>> agenda() {
    return Stores.keyValueStoreBuilder(
            Stores.inMemoryKeyValueStore(AGENDA), Serdes.String(), Serdes.Long())
        .withLoggingDisabled()
        .withCachingDisabled();
  }

  public StoreBuilder<KeyValueStore<String, CachedAnswer>> answers() {
    return durable(ANSWERS, CachedAnswer.class);
  }

  public StoreBuilder<KeyValueStore<String, InferenceResponse>> answered() {
    return durable(ANSWERED, InferenceResponse.class);
  }

  public StoreBuilder<KeyValueStore<String, Claim>> claims() {
    return durable(CLAIMS, Claim.class);
  }

  private <V extends SpecificRecord> StoreBuilder<KeyValueStore<String, V>> durable(
      String name, Class<V> type) {
    return Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(name),
            Serdes.String(),
            new AvroSerde<>(type, registry))
        .withLoggingEnabled(CHANGELOG)
        .withCachingDisabled();
  }
}
