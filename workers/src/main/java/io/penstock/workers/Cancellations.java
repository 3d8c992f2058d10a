package io.penstock.workers;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.Cancellation;
import io.penstock.schemas.registry.RegistryException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears, on a thread of its own, of dispatches that nobody waits for any more. Every worker reads
 * all of the topic from its end, because nobody knows which one calls; what it misses costs an
 * answer for nobody, and no more.
 */
final class Cancellations {
  private static final Logger LOG = LoggerFactory.getLogger(Cancellations.class);

  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Topic<String, Cancellation> topic;
  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final UnderWay underWay;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable Consumer<byte[], byte[]> current;

  Cancellations(
      Topic<String, Cancellation> topic,
      Supplier<Consumer<byte[], byte[]>> consumers,
      UnderWay underWay,
      String worker) {
    this.topic = topic;
    this.consumers = consumers;
    this.underWay = underWay;
    this.thread = Thread.ofPlatform().daemon().name(worker + "-cancellations").unstarted(this::run);
  }

  static Cancellations of(
      KafkaConnection kafka, Topic<String, Cancellation> topic, UnderWay underWay, String worker) {
    Map<String, Object> config = kafka.consumer(worker + "-cancellations");
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    var bytes = new ByteArrayDeserializer();
    return new Cancellations(
        topic, () -> new KafkaConsumer<>(config, bytes, bytes), underWay, worker);
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (closing.getCount() > 0) {
      try (Consumer<byte[], byte[]> consumer = consumers.get()) {
        current = consumer;
        List<TopicPartition> partitions =
            consumer.partitionsFor(topic.name()).stream()
                .map(p -> new TopicPartition(p.topic(), p.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        while (closing.getCount() > 0) {
          consumer.poll(POLL).forEach(this::hear);
        }
      } catch (WakeupException e) {
        LOG.debug("woken to be closed", e);
      } catch (RuntimeException e) {
        LOG.warn("cancellations cannot be read; it goes on in {}: {}", PAUSE, e.toString());
        pause();
      }
    }
  }

  private void hear(ConsumerRecord<byte[], byte[]> record) {
    try {
      Cancellation heard = topic.values().deserializer().deserialize(topic.name(), record.value());
      if (heard != null) {
        underWay.withdraw(heard.getDispatchId());
      }
    } catch (UndecodableException | RegistryException e) {
      LOG.warn("a cancellation cannot be read, so its call goes on: {}", e.getMessage());
    }
  }

  private void pause() {
    try {
      var _ = closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Hears of nothing more. Returns at once. */
  void stop() {
    closing.countDown();
    Consumer<byte[], byte[]> waiting = current;
    if (waiting != null) {
      waiting.wakeup(); // An interrupted consumer would complain.
    }
  }

  /** Waits until its consumer has left; false when {@code patience} ran out first. */
  boolean awaitLeft(Duration patience) throws InterruptedException {
    return thread.join(patience);
  }
}
