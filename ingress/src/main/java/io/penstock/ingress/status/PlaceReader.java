package io.penstock.ingress.status;

import io.penstock.schemas.KafkaConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads single records of a topic by their place, with a few consumers that callers take turns
 * with. Any thread.
 */
final class PlaceReader implements AutoCloseable {
  private static final int CONSUMERS = 4;
  private static final int SMALL_FETCH = 64 * 1024;

  /** A consumer that is made when it is first needed. */
  private final class Seat implements AutoCloseable {
    private final int number;
    private @Nullable KafkaConsumer<byte[], byte[]> consumer;

    private Seat(int number) {
      this.number = number;
    }

    private KafkaConsumer<byte[], byte[]> taken() {
      if (consumer == null) {
        consumer =
            new KafkaConsumer<>(
                settings(number), new ByteArrayDeserializer(), new ByteArrayDeserializer());
      }
      return consumer;
    }

    @Override
    public void close() {
      if (consumer != null) {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
      }
    }
  }

  private final String name;
  private final KafkaConnection connection;
  private final String topic;
  private final BlockingQueue<Seat> seats = new ArrayBlockingQueue<>(CONSUMERS);

  PlaceReader(String name, KafkaConnection connection, String topic) {
    this.name = name;
    this.connection = connection;
    this.topic = topic;
    for (int i = 0; i < CONSUMERS; i++) {
      seats.add(new Seat(i));
    }
  }

  /**
   * The record at {@code place}; empty when the log no longer has it.
   *
   * @throws TimeoutException when the broker does not hand it over within {@code patience}
   */
  Optional<ConsumerRecord<byte[], byte[]>> read(Place place, Duration patience) {
    long until = System.nanoTime() + patience.toNanos();
    Seat seat = take(patience);
    try {
      return read(seat.taken(), place, until);
    } finally {
      seats.add(seat);
    }
  }

  private Seat take(Duration patience) {
    try {
      Seat seat = seats.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
      if (seat == null) {
        throw new TimeoutException("too many look-ups at once");
      }
      return seat;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TimeoutException("interrupted", e);
    }
  }

  private Optional<ConsumerRecord<byte[], byte[]>> read(
      KafkaConsumer<byte[], byte[]> consumer, Place place, long until) {
    var partition = new TopicPartition(topic, place.partition());
    consumer.assign(List.of(partition));
    consumer.seek(partition, place.offset());
    try {
      for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofNanos(left))) {
          return Optional.of(record).filter(found -> found.offset() == place.offset());
        }
      }
    } catch (OffsetOutOfRangeException e) {
      return Optional.empty();
    }
    throw new TimeoutException("the broker did not hand over " + partition + " " + place.offset());
  }

  private Map<String, Object> settings(int number) {
    var config = connection.consumer(name + "-" + number);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
    // A larger record is handed over all the same, alone.
    config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, SMALL_FETCH);
    return config;
  }

  @Override
  public void close() {
    for (Seat seat = seats.poll(); seat != null; seat = seats.poll()) {
      seat.close();
    }
  }
}
