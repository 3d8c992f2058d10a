package io.penstock.ingress.status;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.InferenceResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
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
 * Reads many responses by their places, in one pass over the log that leaps over what lies far
 * between. One thread.
 */
public final class ResponseScan {
  // Reading on costs less than a new fetch up to about here.
  private static final long FAR = 2_000;
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Topic<String, InferenceResponse> topic;
  private final KafkaConnection connection;
  private final String name;

  ResponseScan(String name, KafkaConnection connection, Topic<String, InferenceResponse> topic) {
    this.name = name;
    this.connection = connection;
    this.topic = topic;
  }

  /** Takes what is found. */
  @FunctionalInterface
  public interface Taker {
    /**
     * @param response null where the log no longer has it
     */
    void take(Place place, @Nullable InferenceResponse response);
  }

  /**
   * Hands over the response at each place, in the order of the places.
   *
   * @throws org.apache.kafka.common.KafkaException when the broker does not hand them over
   */
  public void each(List<Place> places, Taker taker) {
    var byPartition = new TreeMap<Integer, SequencedMap<Long, Place>>();
    for (Place place : places) {
      byPartition
          .computeIfAbsent(place.partition(), _ -> new TreeMap<>())
          .put(place.offset(), place);
    }
    if (byPartition.isEmpty()) {
      return;
    }
    var consumer =
        new KafkaConsumer<>(settings(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    try {
      byPartition.forEach((partition, wanted) ->
          each(consumer, new TopicPartition(topic.name(), partition), wanted, taker));
    } finally {
      consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
  }

  private void each(
      KafkaConsumer<byte[], byte[]> consumer,
      TopicPartition partition,
      SequencedMap<Long, Place> wanted,
      Taker taker) {
    consumer.assign(List.of(partition));
    consumer.seek(partition, wanted.firstEntry().getKey());
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (!wanted.isEmpty()) {
      try {
        var come = consumer.poll(POLL).records(partition);
        for (ConsumerRecord<byte[], byte[]> record : come) {
          passed(wanted, record.offset(), taker);
          Place place = wanted.remove(record.offset());
          if (place != null) {
            taker.take(place, decoded(record));
          }
        }
        if (!come.isEmpty()) {
          until = System.nanoTime() + PATIENCE.toNanos();
          leap(consumer, partition, wanted);
        } else if (System.nanoTime() - until > 0) {
          throw new TimeoutException("the broker does not hand over " + partition);
        }
      } catch (OffsetOutOfRangeException e) {
        long beginning = consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
        passed(wanted, beginning, taker);
        consumer.seek(partition, beginning);
      }
    }
  }

  /** What lies before an offset that was read, and was not read itself, is gone. */
  private static void passed(SequencedMap<Long, Place> wanted, long offset, Taker taker) {
    while (!wanted.isEmpty() && wanted.firstEntry().getKey() < offset) {
      taker.take(wanted.pollFirstEntry().getValue(), null);
    }
  }

  private static void leap(
      KafkaConsumer<byte[], byte[]> consumer,
      TopicPartition partition,
      SequencedMap<Long, Place> wanted) {
    if (!wanted.isEmpty()) {
      long next = wanted.firstEntry().getKey();
      if (next - consumer.position(partition) > FAR) {
        consumer.seek(partition, next);
      }
    }
  }

  private @Nullable InferenceResponse decoded(ConsumerRecord<byte[], byte[]> record) {
    try {
      return topic.values().deserializer().deserialize(record.topic(), record.value());
    } catch (UndecodableException e) {
      return null;
    }
  }

  private Map<String, Object> settings() {
    var config = connection.consumer(name);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    return config;
  }
}
