package io.penstock.topology.gate;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Names;
import io.penstock.schemas.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The last records of the gated topic, read from the broker. */
public final class KafkaGatedLog implements GatedLog {
  // What is let in twice stands no farther back than what two gates may have had on its way: a few
  // windows (docs/decisions, 18).
  private static final long TAIL = 1_024;

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration LONGEST_READ = Duration.ofSeconds(30);

  private final KafkaConnection connection;
  private final String gated;

  public KafkaGatedLog(KafkaConnection connection, Topics topics) {
    this.connection = connection;
    this.gated = topics.gated().name();
  }

  @Override
  public OptionalLong passed(int partition, long before) {
    var place = new TopicPartition(gated, partition);
    try (var consumer =
        new KafkaConsumer<>(
            connection.consumer(Names.GATE + "-log"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(place));
      Map<TopicPartition, Long> begin = consumer.beginningOffsets(List.of(place), PATIENCE);
      consumer.seek(place, Math.max(begin.getOrDefault(place, 0L), before - TAIL));
      OptionalLong passed = OptionalLong.empty();
      Instant until = Instant.now().plus(LONGEST_READ);
      while (consumer.position(place, PATIENCE) < before) {
        if (Instant.now().isAfter(until)) {
          throw new TimeoutException("what was let in could not be read in " + LONGEST_READ);
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (record.offset() < before) {
            passed = later(passed, GateHeader.offset(record.headers()));
          }
        }
      }
      return passed;
    }
  }

  private static OptionalLong later(OptionalLong one, OptionalLong other) {
    return other.isPresent() && (one.isEmpty() || other.getAsLong() > one.getAsLong())
        ? other
        : one;
  }
}
