package io.penstock.client;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.registry.RegistryException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one partition of the responses topic from its end as it was at {@link #open()}, and hands
 * on what somebody waits for; the partition is shared with other clients, so the rest is not even
 * decoded. Without a consumer group: a partition is chosen, not given. One thread.
 */
final class ReplyReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyReader.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration PARTING = Duration.ofMillis(100);

  private final Topic<String, InferenceResponse> responses;
  private final TopicPartition partition;
  private final Waiters waiters;
  private final KafkaConsumer<byte[], byte[]> consumer;

  ReplyReader(
      ClientSettings settings,
      KafkaConnection connection,
      Topic<String, InferenceResponse> responses,
      Waiters waiters) {
    this.responses = responses;
    this.partition =
        new TopicPartition(responses.name(), settings.replyPartition(responses.partitions()));
    this.waiters = waiters;
    Map<String, Object> config = connection.consumer(settings.clientId() + "-replies");
    // Only met when the log has lost its end: what follows is new, and duplicates are dropped.
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    this.consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Takes its place at the end of the partition; may be tried again when it fails. */
  void open() {
    consumer.assign(List.of(partition));
    consumer.seekToEnd(List.of(partition));
    // The place is only looked up when asked for: a response that comes later must be after it.
    consumer.position(partition, PATIENCE);
  }

  /** Hands on what has come; waits for it up to a second. */
  void readOn() {
    for (ConsumerRecord<byte[], byte[]> response : consumer.poll(POLL)) {
      try {
        handOn(response);
      } catch (RegistryException e) {
        consumer.seek(partition, response.offset()); // Nothing is lost: read again later.
        throw e;
      }
    }
  }

  private void handOn(ConsumerRecord<byte[], byte[]> response) {
    if (response.key() == null || response.value() == null) {
      return;
    }
    String id = new String(response.key(), StandardCharsets.UTF_8);
    if (!waiters.anyFor(id)) {
      return;
    }
    try {
      waiters.deliver(
          responses.values().deserializer().deserialize(response.topic(), response.value()));
    } catch (UndecodableException e) {
      LOG.warn("response at {} offset {} cannot be read", partition, response.offset(), e);
    }
  }

  int partition() {
    return partition.partition();
  }

  /** Ends a poll under way, on whichever thread. */
  void wakeUp() {
    consumer.wakeup();
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(PARTING));
  }
}
