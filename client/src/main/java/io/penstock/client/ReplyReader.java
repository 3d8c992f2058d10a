package io.penstock.client;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.ResponseChunk;
import io.penstock.schemas.registry.RegistryException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one partition of the responses topic, and the same of the chunks topic, from their ends as
 * they were at {@link #open()}, and hands on what somebody waits for; the partitions are shared
 * with other clients, so the rest is not even decoded. Without a consumer group: a partition is
 * chosen, not given. One thread and one consumer: where nobody streams, the second partition costs
 * a line in each fetch.
 */
final class ReplyReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyReader.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration PARTING = Duration.ofMillis(100);

  private final Topic<String, InferenceResponse> responses;
  private final Topic<String, ResponseChunk> chunks;
  private final TopicPartition ofResponses;
  private final TopicPartition ofChunks;
  private final Waiters waiters;
  private final Listeners listeners;
  private final KafkaConsumer<byte[], byte[]> consumer;

  ReplyReader(
      ClientSettings settings,
      KafkaConnection connection,
      Topics topics,
      Waiters waiters,
      Listeners listeners) {
    this.responses = topics.responses();
    this.chunks = topics.chunks();
    int partition = settings.replyPartition(responses.partitions());
    this.ofResponses = new TopicPartition(responses.name(), partition);
    this.ofChunks = new TopicPartition(chunks.name(), partition);
    this.waiters = waiters;
    this.listeners = listeners;
    Map<String, Object> config = connection.consumer(settings.clientId() + "-replies");
    // Only met when the log has lost its end: what follows is new, and duplicates are dropped.
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    this.consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Takes its place at the ends of the partitions; may be tried again when it fails. */
  void open() {
    var both = List.of(ofResponses, ofChunks);
    consumer.assign(both);
    consumer.seekToEnd(both);
    // The place is only looked up when asked for: what comes later must be after it.
    both.forEach(partition -> consumer.position(partition, PATIENCE));
  }

  /** Hands on what has come; waits for it up to a second. */
  void readOn() {
    ConsumerRecords<byte[], byte[]> come = consumer.poll(POLL);
    var left = new HashMap<TopicPartition, Long>();
    for (TopicPartition partition : come.partitions()) {
      come.records(partition).forEach(record -> left.putIfAbsent(partition, record.offset()));
    }
    try {
      // Pieces first: of those that came together with their response, some would be left out.
      handOn(come, ofChunks, left, this::chunk);
      handOn(come, ofResponses, left, this::response);
    } catch (RegistryException e) {
      left.forEach(consumer::seek); // Nothing is lost: read again later.
      throw e;
    }
  }

  private static void handOn(
      ConsumerRecords<byte[], byte[]> come,
      TopicPartition partition,
      Map<TopicPartition, Long> left,
      Consumer<ConsumerRecord<byte[], byte[]>> to) {
    for (ConsumerRecord<byte[], byte[]> record : come.records(partition)) {
      left.put(partition, record.offset());
      if (record.key() != null && record.value() != null) {
        to.accept(record);
      }
    }
    left.remove(partition);
  }

  private void response(ConsumerRecord<byte[], byte[]> record) {
    if (waiters.anyFor(idOf(record))) {
      read(record, responses).ifPresent(waiters::deliver);
    }
  }

  private void chunk(ConsumerRecord<byte[], byte[]> record) {
    if (listeners.anyFor(idOf(record))) {
      read(record, chunks).ifPresent(listeners::deliver);
    }
  }

  private static String idOf(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.key(), StandardCharsets.UTF_8);
  }

  private static <V> Optional<V> read(
      ConsumerRecord<byte[], byte[]> record, Topic<String, V> topic) {
    try {
      return Optional.of(topic.values().deserializer().deserialize(record.topic(), record.value()));
    } catch (UndecodableException e) {
      LOG.warn(
          "{} partition {} offset {} cannot be read",
          record.topic(),
          record.partition(),
          record.offset(),
          e);
      return Optional.empty();
    }
  }

  int partition() {
    return ofResponses.partition();
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
