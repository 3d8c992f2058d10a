package io.penstock.schemas;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * How to reach the broker, and the settings every client of ours shares. The values are those of
 * docs/measurements.md, Kafka §3 and §8: on the request path nothing lingers.
 *
 * @param bootstrapServers as Kafka means it
 * @param properties anything else, by Kafka's own names (security, for instance); these win
 */
public record KafkaConnection(String bootstrapServers, Map<String, String> properties) {
  private static final int PRODUCER_BUFFER_BYTES = 64 * 1024 * 1024;

  // As much as gathers while one request is on its way fits one batch, so that what was appended
  // first is sent first across partitions (docs/decisions: order of state and outputs).
  private static final int BATCH_BYTES = 256 * 1024;

  public KafkaConnection {
    properties = Map.copyOf(properties);
  }

  public static KafkaConnection to(String bootstrapServers) {
    return new KafkaConnection(bootstrapServers, Map.of());
  }

  /** Settings of an idempotent producer whose acknowledgement means durable. */
  public Map<String, Object> producer(String clientId, Duration linger, Duration deliveryTimeout) {
    var config = common(clientId);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.LINGER_MS_CONFIG, linger.toMillis());
    // While one request is on its way the next batch gathers: big batches when it is busy, no wait
    // when it is not. And what was appended first is sent first.
    config.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    config.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, PRODUCER_BUFFER_BYTES);
    config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Limits.LARGEST_REQUEST_BYTES);
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) deliveryTimeout.toMillis());
    config.put(
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
        (int) deliveryTimeout.minus(linger).dividedBy(2).toMillis());
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, deliveryTimeout.toMillis());
    config.put(CommonClientConfigs.RETRY_BACKOFF_MS_CONFIG, 20);
    config.putAll(properties);
    return config;
  }

  /** Settings of a consumer that takes what comes as soon as it comes. */
  public Map<String, Object> consumer(String clientId) {
    var config = common(clientId);
    config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, Limits.LARGEST_REQUEST_BYTES);
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Limits.LARGEST_RECORD_BYTES);
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.putAll(properties);
    return config;
  }

  /** Settings of an admin client. */
  public Map<String, Object> admin(String clientId) {
    var config = common(clientId);
    config.putAll(properties);
    return config;
  }

  private Map<String, Object> common(String clientId) {
    var config = new HashMap<String, Object>();
    config.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    config.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
    config.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    return config;
  }

  /** Without properties, which may hold secrets. */
  @Override
  public String toString() {
    return bootstrapServers;
  }
}
