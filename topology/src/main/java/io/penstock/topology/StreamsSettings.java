package io.penstock.topology;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Limits;
import io.penstock.schemas.Names;
import io.penstock.schemas.Topics;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The Streams configuration, as measured in docs/measurements.md, Kafka §3 and §8. */
final class StreamsSettings {
  // A wall-clock look happens at most once per poll (docs/measurements.md, Kafka §5).
  private static final Duration POLL = Duration.ofMillis(20);
  // Kafka 5's default; until then it wants to be said. Its constant is deprecated for that reason.
  private static final String HANDLER_EVERYWHERE = "processing.exception.handler.global.enabled";
  private static final Duration SESSION = Duration.ofSeconds(6);
  private static final Duration DELIVERY = Duration.ofMinutes(2);

  private StreamsSettings() {}

  static Properties of(
      TopologySettings settings,
      KafkaConnection connection,
      Topics topics,
      StoreMemory.Shared memory) {
    var config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, Names.TOPOLOGY);
    config.put(StreamsConfig.CLIENT_ID_CONFIG, Names.TOPOLOGY);
    config.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDir().toString());
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, settings.commitInterval().toMillis());
    config.put(StreamsConfig.POLL_MS_CONFIG, POLL.toMillis());
    // Nothing here depends on the order between topics, and waiting for it would cost latency.
    config.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
    config.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    config.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, -1);
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0L);
    config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StoreMemory.class);
    config.put(StoreMemory.SHARED, memory);
    config.put(
        StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, topics.deadLetters().name());
    config.put(HANDLER_EVERYWHERE, true);
    config.put(
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, SetAsideUnlessItMayPass.class);
    config.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, PassOverTooLarge.class);
    config.put(
        StreamsConfig.topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG),
        Integer.toString(Limits.LARGEST_RECORD_BYTES));
    connection
        .producer(Names.TOPOLOGY, Duration.ZERO, DELIVERY)
        .forEach((key, value) -> config.put(StreamsConfig.producerPrefix(key), value));
    connection
        .consumer(Names.TOPOLOGY)
        .forEach((key, value) -> config.put(StreamsConfig.consumerPrefix(key), value));
    config.remove(StreamsConfig.producerPrefix(ProducerConfig.CLIENT_ID_CONFIG));
    config.remove(StreamsConfig.consumerPrefix(ConsumerConfig.CLIENT_ID_CONFIG));
    config.remove(StreamsConfig.consumerPrefix(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG));
    settings
        .instance()
        .ifPresent(name ->
            config.put(
                StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), name));
    config.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG),
        (int) SESSION.toMillis());
    config.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG),
        (int) SESSION.toMillis() / 4);
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, connection.bootstrapServers());
    config.putAll(connection.properties());
    return config;
  }
}
