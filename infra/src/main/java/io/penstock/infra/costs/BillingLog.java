package io.penstock.infra.costs;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.CostEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The billing topic as it was when it was opened, a partition at a time: all revisions of an event
 * are in one, so that no more of the log has to be in memory. For one thread.
 */
final class BillingLog implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  // A cost arises before its event is written, but clocks differ.
  private static final Duration CLOCKS_DIFFER = Duration.ofHours(1);

  private final Topic<String, CostEvent> billing;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Long> begins = new HashMap<>();
  private final Map<TopicPartition, Long> ends;
  private long read;
  private long unreadable;

  BillingLog(KafkaConnection connection, Topic<String, CostEvent> billing, Instant from) {
    this.billing = billing;
    this.consumer =
        new KafkaConsumer<>(
            connection.consumer("penstock-reprice"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(billing.name(), PATIENCE).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    this.ends = consumer.endOffsets(partitions, PATIENCE);
    var times = new HashMap<TopicPartition, Long>();
    long since = from.minus(CLOCKS_DIFFER).toEpochMilli();
    partitions.forEach(partition -> times.put(partition, Math.max(0, since)));
    Map<TopicPartition, OffsetAndTimestamp> starts = consumer.offsetsForTimes(times, PATIENCE);
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp start = starts.get(partition);
      begins.put(partition, start == null ? end(partition) : start.offset());
    }
  }

  List<TopicPartition> partitions() {
    return ends.keySet().stream().sorted((a, b) -> a.partition() - b.partition()).toList();
  }

  /** Records to read in all, about. */
  long size() {
    return partitions().stream().mapToLong(p -> end(p) - begins.getOrDefault(p, 0L)).sum();
  }

  /** Records read so far. */
  long read() {
    return read;
  }

  long unreadable() {
    return unreadable;
  }

  /**
   * Of every event of a partition whose cost arose in a time, the highest revision.
   *
   * @param to exclusive
   * @param progress told of every batch
   */
  Collection<CostEvent> highest(
      TopicPartition partition, Instant from, Instant to, Runnable progress) {
    var highest = new HashMap<String, CostEvent>();
    consumer.assign(List.of(partition));
    consumer.seek(partition, begins.getOrDefault(partition, 0L));
    Instant heard = Instant.now();
    while (consumer.position(partition, PATIENCE) < end(partition)) {
      var records = consumer.poll(POLL);
      if (!records.isEmpty()) {
        heard = Instant.now();
      } else if (heard.plus(PATIENCE).isBefore(Instant.now())) {
        throw new TimeoutException(
            partition + " could not be read for " + PATIENCE.toSeconds() + " s");
      }
      for (ConsumerRecord<byte[], byte[]> record : records) {
        if (record.offset() < end(partition)) {
          read++;
          decoded(record)
              .filter(event -> !event.getAt().isBefore(from) && event.getAt().isBefore(to))
              .ifPresent(event ->
                  highest.merge(
                      event.getEventId(),
                      event,
                      (old, next) -> next.getRevision() > old.getRevision() ? next : old));
        }
      }
      progress.run();
    }
    return highest.values();
  }

  private long end(TopicPartition partition) {
    return ends.getOrDefault(partition, 0L);
  }

  private Optional<CostEvent> decoded(ConsumerRecord<byte[], byte[]> record) {
    try {
      return Optional.ofNullable(
          billing.values().deserializer().deserialize(record.topic(), record.value()));
    } catch (UndecodableException e) {
      unreadable++;
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
