package io.penstock.schemas;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serde;

/**
 * One topic: its name, how its records are written, and how the broker should keep them.
 *
 * @param purpose one line for people
 * @param retention how long records stay; {@link #FOREVER} keeps them all
 */
public record Topic<K, V>(
    String name,
    String purpose,
    Serde<K> keys,
    Serde<V> values,
    int partitions,
    Duration retention,
    Cleanup cleanup) {

  public static final Duration FOREVER = Duration.ofMillis(-1);

  static final String COMPACT_AND_DELETE =
      TopicConfig.CLEANUP_POLICY_COMPACT + "," + TopicConfig.CLEANUP_POLICY_DELETE;

  /** Whether old records go by age, are replaced by newer ones of the same key, or both. */
  public enum Cleanup {
    DELETE,
    COMPACT,
    COMPACT_AND_DELETE
  }

  /** The topic configuration, by Kafka's own names. */
  public Map<String, String> config() {
    var config = new TreeMap<String, String>();
    // As it comes: records arrive one at a time, where a compressor's buffers cost more than it
    // saves. Whoever sends in bulk compresses, and the broker keeps it so.
    config.put(TopicConfig.COMPRESSION_TYPE_CONFIG, "producer");
    config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(Limits.LARGEST_RECORD_BYTES));
    switch (cleanup) {
      case DELETE -> {
        config.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
        config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis()));
      }
      case COMPACT ->
          config.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
      case COMPACT_AND_DELETE -> {
        config.put(TopicConfig.CLEANUP_POLICY_CONFIG, COMPACT_AND_DELETE);
        config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis()));
        // A segment goes as a whole, and the one that is written to stays: without an end to it,
        // one living key would keep the dead ones.
        config.put(TopicConfig.SEGMENT_MS_CONFIG, Long.toString(retention.toMillis()));
      }
    }
    return config;
  }
}
