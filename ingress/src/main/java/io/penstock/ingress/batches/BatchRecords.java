package io.penstock.ingress.batches;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.avro.BatchCancelled;
import io.penstock.schemas.avro.BatchEvent;
import io.penstock.schemas.avro.BatchOrder;
import io.penstock.schemas.avro.BatchProgress;
import io.penstock.schemas.avro.FileDeleted;
import io.penstock.schemas.avro.StoredFile;
import io.penstock.schemas.registry.RegistryException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Writes what is to be known of files and batches. Every key has one writer: the order and its
 * cancellation are written by whoever talks to the owner of the batch, its progress by whoever runs
 * it. Any thread.
 */
public final class BatchRecords implements AutoCloseable {
  private static final Duration PARTING = Duration.ofMillis(100);

  private final String name;
  private final KafkaConnection connection;
  private final Topic<String, BatchEvent> topic;
  private final Duration deliveryTimeout;
  private @Nullable Producer<byte[], byte[]> producer; // guarded by this; made when first needed
  private boolean closed; // guarded by this

  /**
   * @param name of its producer
   * @param deliveryTimeout what is not durable by then has failed
   */
  public BatchRecords(
      String name,
      KafkaConnection connection,
      Topic<String, BatchEvent> topic,
      Duration deliveryTimeout) {
    this.name = name;
    this.connection = connection;
    this.topic = topic;
    this.deliveryTimeout = deliveryTimeout;
  }

  /** Completes when a file is known. */
  public CompletableFuture<Void> stored(StoredFile file) {
    return write(file.getId(), file.getId(), file);
  }

  /** Completes when a file is known no more. */
  public CompletableFuture<Void> deleted(FileDeleted file) {
    return write(file.getId(), file.getId(), file);
  }

  /** Completes when a batch is accepted. */
  public CompletableFuture<Void> ordered(BatchOrder order) {
    return write(order.getId(), order.getId(), order);
  }

  /** Completes when it is known that nobody wants the rest of a batch. */
  public CompletableFuture<Void> cancelled(BatchCancelled cancelled) {
    return write(cancelled.getId(), cancelled.getId() + "/cancelled", cancelled);
  }

  /** Completes when it is known how a batch stands. */
  CompletableFuture<Void> progressed(BatchProgress progress) {
    return write(progress.getId(), progress.getId() + "/progress", progress);
  }

  /** The partition that holds everything about a file or a batch. */
  int partitionOf(String id) {
    return Utils.toPositive(Utils.murmur2(id.getBytes(StandardCharsets.UTF_8)))
        % topic.partitions();
  }

  private CompletableFuture<Void> write(String id, String key, Object event) {
    var durable = new CompletableFuture<Void>();
    try {
      byte[] value = topic.values().serializer().serialize(topic.name(), new BatchEvent(event));
      var _ =
          producer()
              .send(
                  new ProducerRecord<>(
                      topic.name(), partitionOf(id), key.getBytes(StandardCharsets.UTF_8), value),
                  (_, error) -> {
                    if (error == null) {
                      durable.complete(null);
                    } else {
                      durable.completeExceptionally(error);
                    }
                  });
    } catch (RegistryException | KafkaException | IllegalStateException e) {
      durable.completeExceptionally(e);
    }
    return durable;
  }

  private synchronized Producer<byte[], byte[]> producer() {
    if (closed) {
      throw new IllegalStateException("this instance is closing");
    }
    if (producer == null) {
      producer =
          new KafkaProducer<>(
              connection.producer(name, Duration.ZERO, deliveryTimeout),
              new ByteArraySerializer(),
              new ByteArraySerializer());
    }
    return producer;
  }

  @Override
  public void close() {
    Producer<byte[], byte[]> last;
    synchronized (this) {
      closed = true;
      last = producer;
    }
    if (last != null) {
      last.close(PARTING);
    }
  }
}
