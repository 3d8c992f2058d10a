package io.penstock.infra.soak;

import io.penstock.infra.engine.Closing;
import io.penstock.schemas.KafkaConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;

/**
 * The least that an answer through a broker can cost: a record there, a record back, each durable
 * before it is read, with the engine's own client settings and nothing in between.
 */
final class Echo implements AutoCloseable {
  private static final String THERE = "echo-there";
  private static final String BACK = "echo-back";

  private final Closing closing = new Closing();
  private final AtomicBoolean open = new AtomicBoolean(true);
  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, CompletableFuture<byte[]>> waiting = new ConcurrentHashMap<>();
  private final KafkaProducer<Long, byte[]> caller;

  Echo(KafkaConnection kafka) {
    try (var admin = Admin.create(kafka.admin("echo-admin"))) {
      var topics = List.of(topic(THERE), topic(BACK));
      admin.createTopics(topics).all().toCompletionStage().toCompletableFuture().join();
    }
    caller = closing.add(producer(kafka, "echo-caller"));
    var echoing = closing.add(producer(kafka, "echo-producer"));
    reader(
        kafka,
        THERE,
        record -> {
          var _ = echoing.send(new ProducerRecord<>(BACK, record.key(), record.value()));
        });
    reader(
        kafka,
        BACK,
        record ->
            Optional.ofNullable(waiting.remove(record.key()))
                .ifPresent(caller -> caller.complete(record.value())));
  }

  /** Sends the bytes and completes when they are back. */
  CompletableFuture<byte[]> ask(byte[] bytes) {
    long id = ids.incrementAndGet();
    var back = new CompletableFuture<byte[]>();
    waiting.put(id, back);
    var _ = caller.send(new ProducerRecord<>(THERE, id, bytes));
    return back;
  }

  private static NewTopic topic(String name) {
    return new NewTopic(name, Optional.of(1), Optional.empty());
  }

  private static KafkaProducer<Long, byte[]> producer(KafkaConnection kafka, String name) {
    return new KafkaProducer<>(
        kafka.producer(name, Duration.ZERO, Duration.ofSeconds(30)),
        new LongSerializer(),
        new ByteArraySerializer());
  }

  private void reader(
      KafkaConnection kafka, String topic, Consumer<ConsumerRecord<Long, byte[]>> handler) {
    var consumer =
        new KafkaConsumer<>(
            kafka.consumer(topic), new LongDeserializer(), new ByteArrayDeserializer());
    var partition = List.of(new TopicPartition(topic, 0));
    consumer.assign(partition);
    consumer.seekToBeginning(partition);
    Thread thread =
        Thread.ofPlatform()
            .name(topic)
            .start(() -> {
              try (consumer) {
                while (open.get()) {
                  consumer.poll(Duration.ofMillis(100)).forEach(handler);
                }
              }
            });
    closing.add(() -> join(thread));
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    open.set(false);
    closing.close();
  }
}
