package io.penstock.workers;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Names;
import io.penstock.schemas.Topic;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.JobTask;
import io.penstock.schemas.registry.RegistryException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes tasks about jobs from their share group, on a thread of its own, and has each done on a
 * virtual one. A task is accepted when it is begun: the topology gives it out again when nothing is
 * heard of it.
 */
final class JobTaker {
  private static final Logger LOG = LoggerFactory.getLogger(JobTaker.class);

  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration LEAVE = Duration.ofMillis(900);

  /** Each may hold a file of some hundred megabytes. */
  private static final int AT_ONCE = 4;

  private final Topic<String, JobTask> topic;
  private final Supplier<ShareConsumer<byte[], byte[]>> consumers;
  private final Consumer<JobTask> doer;
  private final Semaphore free = new Semaphore(AT_ONCE);
  private final Thread thread;
  private volatile boolean closing;

  JobTaker(
      Topic<String, JobTask> topic,
      Supplier<ShareConsumer<byte[], byte[]>> consumers,
      Consumer<JobTask> doer,
      String worker) {
    this.topic = topic;
    this.consumers = consumers;
    this.doer = doer;
    this.thread = Thread.ofPlatform().daemon().name(worker + "-jobs").unstarted(this::run);
  }

  static JobTaker of(
      KafkaConnection kafka, Topic<String, JobTask> topic, Consumer<JobTask> doer, String worker) {
    Map<String, Object> config = kafka.consumer(worker + "-jobs");
    config.remove(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG); // unknown to share groups
    config.put(ConsumerConfig.GROUP_ID_CONFIG, Names.JOB_WORKERS);
    config.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
    config.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, Integer.MAX_VALUE);
    var bytes = new ByteArrayDeserializer();
    return new JobTaker(topic, () -> new KafkaShareConsumer<>(config, bytes, bytes), doer, worker);
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (!closing) {
      try {
        take();
      } catch (InterruptException | InterruptedException e) {
        LOG.debug("stopped by {}", e.toString());
      } catch (RuntimeException e) {
        if (!closing) {
          LOG.warn("tasks about jobs cannot be taken; it goes on in {}", PAUSE, e);
          pause();
        }
      }
    }
  }

  private void take() throws InterruptedException {
    ShareConsumer<byte[], byte[]> consumer = consumers.get();
    try {
      consumer.subscribe(List.of(topic.name()));
      while (!closing) {
        free.acquire();
        free.release();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          begin(record);
        }
      }
    } finally {
      Thread.interrupted(); // An interrupted thread could not say goodbye to the group.
      consumer.close(LEAVE);
    }
  }

  private void begin(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
    JobTask task;
    try {
      task = topic.values().deserializer().deserialize(topic.name(), record.value());
    } catch (UndecodableException | RegistryException e) {
      LOG.warn("a task about a job cannot be read; it will be given out again", e);
      return;
    }
    free.acquire();
    Thread.ofVirtual()
        .name("penstock-job-" + task.getJobId())
        .start(() -> {
          try {
            doer.accept(task);
          } catch (RuntimeException e) {
            LOG.error("a task about job {} met a bug", task.getJobId(), e);
          } finally {
            free.release();
          }
        });
  }

  /** Takes nothing more; what is begun goes on until the process ends. Returns at once. */
  void stop() {
    closing = true;
    thread.interrupt();
  }

  /** Waits until its consumer has left the group; false when {@code patience} ran out first. */
  boolean awaitLeft(Duration patience) throws InterruptedException {
    return thread.join(patience);
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
