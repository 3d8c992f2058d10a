package io.penstock.workers;

import io.penstock.schemas.DeadLetters;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.AttemptBegun;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptEvent;
import io.penstock.schemas.avro.AttemptRenewed;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.DispatchDropped;
import io.penstock.schemas.avro.JobReport;
import io.penstock.schemas.avro.WindowEvent;
import io.penstock.schemas.registry.RegistryException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a worker writes: events to the results topic, in the order they are written per fingerprint,
 * and dead letters. For any thread. A method may block while the schema's id or the topic's
 * partitions are not known, or while the producer's buffer is full: no longer than the registry and
 * the producer try. Its future completes on the producer's thread when the record is durable, or
 * never will be.
 */
final class Results implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Results.class);

  /** How long the end of a call that may have been paid for waits for a broker. */
  private static final Duration DELIVERY = Duration.ofMinutes(2);

  private final Topic<String, AttemptEvent> results;
  private final Topic<String, WindowEvent> windows;
  private final Topic<byte[], byte[]> deadLetters;
  private final Producer<byte[], byte[]> producer;

  Results(Topics topics, Producer<byte[], byte[]> producer) {
    this.results = topics.results();
    this.windows = topics.windows();
    this.deadLetters = topics.deadLetters();
    this.producer = producer;
  }

  static Results of(KafkaConnection kafka, Topics topics, String worker) {
    var bytes = new ByteArraySerializer();
    return new Results(
        topics,
        new KafkaProducer<>(
            kafka.producer(worker + "-results", Duration.ZERO, DELIVERY), bytes, bytes));
  }

  CompletableFuture<Void> started(String fingerprint, AttemptStarted event) {
    return write(fingerprint, event);
  }

  CompletableFuture<Void> renewed(String fingerprint, AttemptRenewed event) {
    return write(fingerprint, event);
  }

  CompletableFuture<Void> begun(String fingerprint, AttemptBegun event) {
    return write(fingerprint, event);
  }

  CompletableFuture<Void> ended(String fingerprint, AttemptEnded event) {
    return write(fingerprint, event);
  }

  CompletableFuture<Void> dropped(String fingerprint, DispatchDropped event) {
    return write(fingerprint, event);
  }

  /** Tells the window of a job how it stands. */
  CompletableFuture<Void> reported(String window, JobReport report) {
    return write(windows, window, new WindowEvent(report));
  }

  /** Puts a record aside as it came, with the reason in its headers. */
  CompletableFuture<Void> deadLetter(ConsumerRecord<byte[], byte[]> letter, String reason) {
    Headers headers =
        DeadLetters.mark(
            new RecordHeaders(letter.headers()),
            letter.topic(),
            letter.partition(),
            letter.offset(),
            reason);
    return send(
        new ProducerRecord<>(deadLetters.name(), null, letter.key(), letter.value(), headers));
  }

  /**
   * Whether an event could be written now: asks the registry and the broker for what they have not
   * told yet. May block as the others do.
   */
  boolean ready() {
    try {
      var _ =
          results
              .values()
              .serializer()
              .serialize(results.name(), new AttemptEvent(new AttemptRenewed("", "", 1L)));
      var _ = producer.partitionsFor(results.name());
      return true;
    } catch (InterruptException e) {
      throw e;
    } catch (RegistryException | KafkaException e) {
      LOG.warn("no result could be written now: {}", e.getMessage());
      return false;
    }
  }

  private CompletableFuture<Void> write(String fingerprint, SpecificRecord event) {
    return write(results, fingerprint, new AttemptEvent(event));
  }

  private <V> CompletableFuture<Void> write(Topic<String, V> topic, String key, V value) {
    try {
      return send(
          new ProducerRecord<>(
              topic.name(),
              topic.keys().serializer().serialize(topic.name(), key),
              topic.values().serializer().serialize(topic.name(), value)));
    } catch (RuntimeException e) { // The registry, or a producer that is closed or interrupted.
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<Void> send(ProducerRecord<byte[], byte[]> record) {
    var durable = new CompletableFuture<Void>();
    try {
      var _ =
          producer.send(
              record,
              (metadata, failure) -> {
                if (failure == null) {
                  durable.complete(null);
                } else {
                  durable.completeExceptionally(failure);
                }
              });
    } catch (RuntimeException e) {
      durable.completeExceptionally(e);
    }
    return durable;
  }

  /** Waits for what is under way no longer than {@code patience}. */
  void close(Duration patience) {
    producer.close(patience);
  }

  @Override
  public void close() {
    close(Duration.ZERO);
  }
}
