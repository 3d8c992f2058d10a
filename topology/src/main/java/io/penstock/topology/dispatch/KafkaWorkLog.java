package io.penstock.topology.dispatch;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Waiting;
import io.penstock.schemas.avro.WindowEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The last moments of the work topics and of the windows, read from the broker. */
public final class KafkaWorkLog implements WorkLog {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaWorkLog.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration LONGEST_READ = Duration.ofSeconds(30);

  private final KafkaConnection connection;
  private final Map<String, Topic<String, Dispatch>> work = new HashMap<>();
  private final Topic<String, WindowEvent> windows;

  public KafkaWorkLog(KafkaConnection connection, Topics catalogue) {
    this.connection = connection;
    this.windows = catalogue.windows();
    for (Lane lane : Lane.values()) {
      work.put(catalogue.work(lane).name(), catalogue.work(lane));
    }
  }

  @Override
  public Predicate<Handed> toWorkers(Instant since) {
    return since(since, work.keySet());
  }

  @Override
  public Predicate<Handed> out(Instant since) {
    var all = new HashSet<>(work.keySet());
    all.add(windows.name());
    return since(since, all);
  }

  private Predicate<Handed> since(Instant since, Set<String> topics) {
    var found = new HashSet<Handed>();
    var read = new boolean[1];
    return handed -> {
      if (!read[0]) {
        found.addAll(read(since, topics));
        read[0] = true;
      }
      return found.contains(handed);
    };
  }

  private Set<Handed> read(Instant since, Set<String> topics) {
    var found = new HashSet<Handed>();
    try (var consumer =
        new KafkaConsumer<>(
            connection.consumer("penstock-work-log"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          topics.stream()
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
          throw new TimeoutException("what was handed out could not be read in " + LONGEST_READ);
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

  private void add(Set<Handed> found, ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return;
    }
    try {
      dispatch(record.topic(), record.value()).map(Handed::of).ifPresent(found::add);
    } catch (UndecodableException e) {
      LOG.debug("an unreadable dispatch is the workers' affair", e);
    }
  }

  private Optional<Dispatch> dispatch(String topic, byte[] value) {
    Topic<String, Dispatch> lane = work.get(topic);
    if (lane != null) {
      return Optional.of(lane.values().deserializer().deserialize(topic, value));
    }
    return windows.values().deserializer().deserialize(topic, value).getEvent()
            instanceof Waiting waiting
        ? Optional.of(waiting.getDispatch())
        : Optional.empty();
  }
}
