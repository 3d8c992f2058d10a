package io.penstock.embedded.registry;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.registry.RegistryException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * The log of a registry in one compacted partition. Not safe for several threads at once.
 *
 * <p>There is one writer at a time. Each holds the same transactional id, so that taking it over
 * settles whatever the writer before had begun and locks that one out; who was locked out, or does
 * not know what became of its last entry, takes the id over again and must read before it writes.
 */
final class RegistryLog implements AutoCloseable {
  private static final String CLIENT_ID = "penstock-registry";
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  // A broker that has just begun makes its log of transactions first.
  private static final Duration PATIENCE_AT_FIRST = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(1);

  private final KafkaConnection kafka;
  private final String topic;
  private final List<TopicPartition> partition;
  private final KafkaConsumer<byte[], byte[]> reader;
  private @Nullable KafkaProducer<byte[], byte[]> writer;

  RegistryLog(KafkaConnection kafka, String topic) {
    this.kafka = kafka;
    this.topic = topic;
    this.partition = List.of(new TopicPartition(topic, 0));
    this.writer = takeOver(PATIENCE_AT_FIRST);
    this.reader = reader();
    reader.assign(partition);
    reader.seekToBeginning(partition);
  }

  private KafkaConsumer<byte[], byte[]> reader() {
    var settings = kafka.consumer(CLIENT_ID);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private KafkaProducer<byte[], byte[]> takeOver(Duration patience) {
    var settings = kafka.producer(CLIENT_ID, Duration.ZERO, PATIENCE);
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, topic + "-writer");
    var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        producer.initTransactions();
        return producer;
      } catch (TimeoutException e) { // which may be tried again
        if (System.nanoTime() >= deadline) {
          producer.close(Duration.ZERO);
          throw unavailable(e);
        }
      } catch (KafkaException e) {
        producer.close(Duration.ZERO);
        throw unavailable(e);
      }
    }
  }

  /** Reads what has been committed since the last time. */
  void read(Consumer<Entry> entries) {
    try {
      long end = reader.endOffsets(partition).getOrDefault(partition.getFirst(), 0L);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (reader.position(partition.getFirst()) < end) {
        for (var entry : reader.poll(POLL)) {
          entries.accept(EntryFormat.parse(entry.key(), entry.value()));
        }
        if (System.nanoTime() > deadline) {
          throw new RegistryException.Unavailable(
              "reading " + topic + " takes too long; is the Kafka broker well?", null);
        }
      }
    } catch (KafkaException e) {
      throw unavailable(e);
    }
  }

  /** Commits an entry; false when this log must be read first. */
  boolean append(Entry entry) {
    if (writer == null) {
      writer = takeOver(PATIENCE);
      return false;
    }
    try {
      writer.beginTransaction();
      var sent =
          writer.send(
              new ProducerRecord<>(topic, EntryFormat.key(entry), EntryFormat.value(entry)));
      writer.commitTransaction(); // throws what the send met
      awaitMarker(sent.resultNow().offset());
      return true;
    } catch (ProducerFencedException
        | InvalidProducerEpochException
        | InvalidPidMappingException e) { // somebody took over, or the id expired unused
      giveUpWriter(writer);
      return false;
    } catch (KafkaException e) {
      giveUpWriter(writer);
      throw unavailable(e);
    }
  }

  /**
   * A commit is acknowledged before its marker is on the log, and a broker that is killed in
   * between may come back without it: until then nothing has been promised to anybody.
   */
  private void awaitMarker(long offset) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (reader.endOffsets(partition).getOrDefault(partition.getFirst(), 0L) <= offset) {
      if (System.nanoTime() > deadline) {
        throw new TimeoutException("a committed entry does not appear on the log");
      }
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
    }
  }

  private void giveUpWriter(KafkaProducer<byte[], byte[]> lost) {
    lost.close(Duration.ZERO);
    writer = null;
  }

  private RegistryException unavailable(KafkaException e) {
    return new RegistryException.Unavailable(
        "the registry's log "
            + topic
            + " does not answer ("
            + e.getMessage()
            + "); check the Kafka broker at "
            + kafka,
        e);
  }

  @Override
  public void close() {
    reader.close();
    if (writer != null) {
      writer.close(Duration.ZERO);
    }
  }
}
