package io.penstock.workers;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.JobLine;
import io.penstock.schemas.avro.JobTask;
import io.penstock.schemas.avro.Waiting;
import io.penstock.schemas.avro.WindowEvent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What jobs hold: dispatches on the log of windows, read again from where they lie. For any thread;
 * each reading has a consumer of its own and blocks.
 */
final class JobLog {
  private static final Logger LOG = LoggerFactory.getLogger(JobLog.class);

  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration SILENCE = Duration.ofSeconds(30);

  private final KafkaConnection kafka;
  private final Topic<String, WindowEvent> windows;
  private final String clientId;

  JobLog(KafkaConnection kafka, Topic<String, WindowEvent> windows, String worker) {
    this.kafka = kafka;
    this.windows = windows;
    this.clientId = worker + "-job-log";
  }

  /** Takes one dispatch of a job after the other. */
  interface Taker {
    void take(JobLine line, Dispatch dispatch) throws IOException;
  }

  /**
   * Reads the dispatches of a job, by offset. One that cannot be read is passed over: the lease on
   * its attempt runs out.
   *
   * @throws TimeoutException when the broker is silent for long
   */
  void each(JobTask task, Taker taker) throws IOException {
    Map<Long, JobLine> wanted = new HashMap<>();
    task.getLines().forEach(line -> wanted.put(line.getOffset(), line));
    long last = task.getLines().getLast().getOffset();
    var partition = new TopicPartition(windows.name(), task.getPartition());
    var bytes = new ByteArrayDeserializer();
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(kafka.consumer(clientId), bytes, bytes)) {
      consumer.assign(List.of(partition));
      consumer.seek(partition, task.getLines().getFirst().getOffset());
      Instant heard = Instant.now();
      while (consumer.position(partition) <= last) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          heard = Instant.now();
          JobLine line = wanted.remove(record.offset());
          if (line != null) {
            take(line, record, taker);
          }
        }
        if (heard.plus(SILENCE).isBefore(Instant.now())) {
          throw new TimeoutException("what job " + task.getJobId() + " holds could not be read");
        }
      }
    }
    if (!wanted.isEmpty()) {
      LOG.error("{} dispatches of job {} are on the log no more", wanted.size(), task.getJobId());
    }
  }

  private void take(JobLine line, ConsumerRecord<byte[], byte[]> record, Taker taker)
      throws IOException {
    try {
      if (windows.values().deserializer().deserialize(windows.name(), record.value()).getEvent()
          instanceof Waiting waiting) {
        taker.take(line, waiting.getDispatch());
      }
    } catch (UndecodableException e) {
      LOG.error("a dispatch of a job at offset {} cannot be read", record.offset(), e);
    }
  }
}
