package io.penstock.infra.soak;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Follows one topic from its beginning and remembers everything. Used by one thread. */
final class TopicLog<V> implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);

  private final KafkaConsumer<String, V> consumer;
  private final List<V> seen = new ArrayList<>();

  TopicLog(KafkaConnection kafka, Topic<String, V> topic) {
    consumer =
        new KafkaConsumer<>(
            kafka.consumer("soak-" + topic.name()),
            new StringDeserializer(),
            topic.values().deserializer());
    List<TopicPartition> partitions = new ArrayList<>();
    for (int i = 0; i < topic.partitions(); i++) {
      partitions.add(new TopicPartition(topic.name(), i));
    }
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Everything on the topic now. */
  List<V> all() {
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      consumer.poll(POLL).forEach(record -> seen.add(record.value()));
    }
    return seen;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
