package io.penstock.replay;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Recorded;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records requests, responses and cost events, with their times, into a file. It reads beside the
 * engine and changes nothing. {@link #run} belongs to one thread; {@link #stop} may be called from
 * any.
 */
public final class Recorder {
  private static final Logger LOG = LoggerFactory.getLogger(Recorder.class);
  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaConnection connection;
  private final List<Topic<?, ?>> topics = new ArrayList<>();
  private final Map<String, Topic<?, ?>> byName = new HashMap<>();
  private final AtomicBoolean stopped = new AtomicBoolean();

  public Recorder(KafkaConnection connection, Topics catalogue) {
    this.connection = connection;
    for (Lane lane : Lane.values()) {
      topics.add(catalogue.requests(lane));
    }
    topics.add(catalogue.responses());
    topics.add(catalogue.billing());
    topics.forEach(topic -> byName.put(topic.name(), topic));
  }

  /** Where a recording begins. */
  public enum From {
    /** With everything the topics still hold. */
    BEGINNING,
    /** With what comes from now on. */
    NOW
  }

  /** How long a recording goes on. */
  public sealed interface Until {
    /** For a time, or until stopped. */
    record Elapsed(Duration time) implements Until {}

    /** Up to what the topics held when it began. */
    record CaughtUp() implements Until {}
  }

  /**
   * Records until done or stopped, and closes the file. What retention deletes before it is read
   * leaves a hole, which is logged and counted.
   *
   * @param progress told after every batch; called on this thread
   * @throws IOException when the file cannot be written; what was recorded before stays readable
   */
  public Recording run(Path file, From from, Until until, Consumer<Recording> progress)
      throws IOException {
    var recording = Recording.EMPTY;
    try (var consumer =
            new KafkaConsumer<>(
                settings(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        var out = RecordingFile.create(file)) {
      List<TopicPartition> partitions = partitions(consumer);
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      switch (from) {
        case BEGINNING -> consumer.seekToBeginning(partitions);
        case NOW -> ends.forEach(consumer::seek);
      }
      Instant begun = Instant.now();
      while (!stopped.get() && !done(until, begun, consumer, ends)) {
        try {
          for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            recording = write(out, record, recording);
          }
        } catch (OffsetOutOfRangeException e) {
          recording =
              recording.withMissed(skipWhatIsGone(consumer, e.offsetOutOfRangePartitions()));
        }
        out.flush();
        progress.accept(recording);
      }
    }
    return recording;
  }

  /** Ends a recording; {@link #run} returns soon after. */
  public void stop() {
    stopped.set(true);
  }

  private Map<String, Object> settings() {
    Map<String, Object> settings = connection.consumer("penstock-recorder");
    // Or the consumer would pass over everything up to the end, and say nothing.
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    return settings;
  }

  private static long skipWhatIsGone(
      KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> lost) {
    long missed = 0;
    for (var first : consumer.beginningOffsets(lost.keySet()).entrySet()) {
      long wanted = lost.getOrDefault(first.getKey(), first.getValue());
      LOG.warn(
          "{}: retention deleted the records from {} to {} before they were recorded",
          first.getKey(),
          wanted,
          first.getValue() - 1);
      missed += first.getValue() - wanted;
      consumer.seek(first.getKey(), first.getValue());
    }
    return missed;
  }

  private Recording write(
      RecordingFile out, ConsumerRecord<byte[], byte[]> record, Recording before)
      throws IOException {
    Topic<?, ?> topic = byName.get(record.topic());
    if (topic == null || record.value() == null) {
      return before.withUnreadable();
    }
    try {
      Object event = topic.values().deserializer().deserialize(record.topic(), record.value());
      out.append(
          new Recorded(
              Instant.ofEpochMilli(record.timestamp()),
              record.topic(),
              record.partition(),
              record.offset(),
              event));
      return before.with(event);
    } catch (UndecodableException e) {
      return before.withUnreadable();
    }
  }

  private boolean done(
      Until until,
      Instant begun,
      KafkaConsumer<byte[], byte[]> consumer,
      Map<TopicPartition, Long> ends) {
    return switch (until) {
      case Until.Elapsed(Duration time) -> !Instant.now().isBefore(begun.plus(time));
      case Until.CaughtUp() ->
          ends.entrySet().stream()
              .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    };
  }

  private List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer) {
    return topics.stream()
        .flatMap(topic -> consumer.partitionsFor(topic.name()).stream())
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
  }
}
