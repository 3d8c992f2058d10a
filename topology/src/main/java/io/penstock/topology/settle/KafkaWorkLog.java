package io.penstock.topology.settle;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last moments of the work topics, read from the broker. */
public final class KafkaWorkLog implements WorkLog {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaWorkLog.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration LONGEST_READ = Duration.ofSeconds(30);

  private final KafkaConnection connection;
  private final Map<String, Topic<String, Dispatch>> topics = new HashMap<>();

  public KafkaWorkLog(KafkaConnection connection, Topics catalogue) {
    this.connection = connection;
    for (Lane lane : Lane.values()) {
      topics.put(catalogue.work(lane).name(), catalogue.work(lane));
    }
  }

  // A dispatch is named after a request, whose id another tenant may use, too.
  private record HandedOut(String tenant, String dispatchId, int firstAttempt) {}

  @Override
  public Predicate<Flight> since(Instant since) {
    var found = new HashSet<HandedOut>();
    var read = new boolean[1];
    return flight -> {
      if (!read[0]) {
        found.addAll(read(since));
        read[0] = true;
      }
      return found.contains(
          new HandedOut(
              flight.getLeader().getTenant(), flight.getDispatchId(), flight.getAttempts() + 1));
    };
  }

  private Set<HandedOut> read(Instant since) {
    var found = new HashSet<HandedOut>();
    try (var consumer =
        new KafkaConsumer<>(
            connection.consumer("penstock-work-log"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          topics.keySet().stream()
              .flatMap(name -> consumer.partitionsFor(name, PATIENCE).stream())
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
      seek(consumer, partitions, ends, since);
      Instant until = Instant.now().plus(LONGEST_READ);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey(), PATIENCE) < end.getValue())) {
        // Not knowing is no reason to call again: the thread ends and the next one asks anew.
        if (Instant.now().isAfter(until)) {
          throw new TimeoutException("the work topics could not be read in " + LONGEST_READ);
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          add(found, record);
        }
      }
    }
    return found;
  }

  private static void seek(
      KafkaConsumer<byte[], byte[]> consumer,
      List<TopicPartition> partitions,
      Map<TopicPartition, Long> ends,
      Instant since) {
    var times = new HashMap<TopicPartition, Long>();
    partitions.forEach(partition -> times.put(partition, since.toEpochMilli()));
    Map<TopicPartition, OffsetAndTimestamp> starts = consumer.offsetsForTimes(times, PATIENCE);
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp start = starts.get(partition);
      consumer.seek(partition, start == null ? ends.getOrDefault(partition, 0L) : start.offset());
    }
  }

  private void add(Set<HandedOut> found, ConsumerRecord<byte[], byte[]> record) {
    Topic<String, Dispatch> topic = topics.get(record.topic());
    if (topic == null || record.value() == null) {
      return;
    }
    Deserializer<Dispatch> decoder = topic.values().deserializer();
    try {
      Dispatch dispatch = decoder.deserialize(record.topic(), record.value());
      for (InferenceRequest request : dispatch.getRequests()) {
        found.add(new HandedOut(request.getTenant(), dispatch.getId(), dispatch.getFirstAttempt()));
      }
    } catch (UndecodableException e) {
      LOG.debug("an unreadable dispatch is the workers' affair", e);
    }
  }
}
