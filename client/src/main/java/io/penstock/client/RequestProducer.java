package io.penstock.client;

import io.penstock.policies.fingerprint.Fingerprint;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Withdrawal;
import io.penstock.schemas.registry.RegistryException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes requests to their lanes, keyed so that no hop is spent on re-keying. Any thread. */
final class RequestProducer implements AutoCloseable {
  // Waiting for room in the buffer slows a bulk sender down; beyond this the broker is not keeping
  // up, and the sender should know.
  private static final Duration LONGEST_BLOCK = Duration.ofSeconds(1);

  private static final Duration TOPICS_KEPT_IN_MIND = Duration.ofDays(7);

  /** How long closing waits for what is under way. */
  static final Duration LAST_SENDS = Duration.ofMillis(500);

  private final Topics topics;
  private final Producer<byte[], byte[]> producer;

  RequestProducer(ClientSettings settings, KafkaConnection connection, Topics topics) {
    this(topics, producer(settings, connection));
  }

  RequestProducer(Topics topics, Producer<byte[], byte[]> producer) {
    this.topics = topics;
    this.producer = producer;
  }

  private static Producer<byte[], byte[]> producer(
      ClientSettings settings, KafkaConnection connection) {
    Map<String, Object> config =
        connection.producer(
            settings.clientId() + "-requests", settings.linger(), settings.deliveryTimeout());
    config.put(
        ProducerConfig.MAX_BLOCK_MS_CONFIG,
        Math.min(LONGEST_BLOCK.toMillis(), settings.deliveryTimeout().toMillis()));
    // A lane that rests keeps its partitions known, so that its next request does not wait for
    // them, nor block when the broker is away.
    config.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, TOPICS_KEPT_IN_MIND.toMillis());
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Learns partitions and schema ids, so that the first request finds them known. */
  void prepare() {
    var sample = InferenceRequest.newBuilder().setId("sample").setMessages(List.of()).build();
    for (Lane lane : Lane.values()) {
      Topic<String, InferenceRequest> topic = topics.requests(lane);
      topic.values().serializer().serialize(topic.name(), sample);
      producer.partitionsFor(topic.name());
    }
    Topic<String, Withdrawal> withdrawals = topics.withdrawals();
    var nobody = new Withdrawal("sample", "nobody", null, Instant.EPOCH, false);
    withdrawals.values().serializer().serialize(withdrawals.name(), nobody);
    producer.partitionsFor(withdrawals.name());
  }

  /**
   * Hands a request to the producer. Completes on the producer's own thread, exceptionally with a
   * {@link ClientException}; never throws.
   */
  CompletableFuture<Void> send(Lane lane, InferenceRequest request) {
    return send(topics.requests(lane), () -> keyOf(request), request);
  }

  /** As {@link #send(Lane, InferenceRequest)}, to where the request is. */
  CompletableFuture<Void> withdraw(Withdrawal withdrawal, Fingerprint of) {
    return send(topics.withdrawals(), () -> of, withdrawal);
  }

  private <V> CompletableFuture<Void> send(
      Topic<String, V> topic, Supplier<Fingerprint> keyed, V record) {
    var accepted = new CompletableFuture<Void>();
    try {
      byte[] key = keyed.get().hex().getBytes(StandardCharsets.US_ASCII);
      byte[] value = topic.values().serializer().serialize(topic.name(), record);
      var _ =
          producer.send(
              new ProducerRecord<>(topic.name(), key, value),
              (_, error) -> {
                if (error == null) {
                  accepted.complete(null);
                } else {
                  accepted.completeExceptionally(typed(error));
                }
              });
    } catch (RegistryException | KafkaException | IllegalStateException e) {
      accepted.completeExceptionally(typed(e));
    }
    return accepted;
  }

  /**
   * As {@link #send(Lane, InferenceRequest)}, for one of many: while the buffer is full it holds
   * the sender up, for as long as {@code patience}; when there is none left, the request is not
   * sent.
   */
  CompletableFuture<Void> send(Lane lane, InferenceRequest request, Duration patience) {
    long until = System.nanoTime() + patience.toNanos();
    CompletableFuture<Void> accepted = CompletableFuture.failedFuture(noRoom());
    while (isForWantOfRoom(accepted) && until - System.nanoTime() > 0) {
      accepted = send(lane, request); // waits for room by itself, for a while
    }
    return accepted;
  }

  private static boolean isForWantOfRoom(CompletableFuture<Void> accepted) {
    return accepted.isCompletedExceptionally()
        && accepted.exceptionNow().getCause() instanceof BufferExhaustedException;
  }

  private static ClientException noRoom() {
    return typed(new BufferExhaustedException("the buffer has been full for too long"));
  }

  /**
   * An idempotency key is claimed where every request under it arrives, whatever it says; any other
   * request goes where its equals are.
   */
  private static Fingerprint keyOf(InferenceRequest request) {
    String key = request.getIdempotencyKey();
    return key == null ? Fingerprint.of(request) : Fingerprint.ofClaim(request.getTenant(), key);
  }

  private static ClientException typed(Exception error) {
    return switch (error) {
      case RetriableException e ->
          new ClientException.Unavailable("the broker did not acknowledge in time", e);
      case RegistryException.Unavailable e ->
          new ClientException.Unavailable("the schema registry did not answer", e);
      case ApiException e ->
          new ClientException.Refused("the broker refused the request: " + e.getMessage(), e);
      case RegistryException e ->
          new ClientException.Refused("the schema registry refused: " + e.getMessage(), e);
      // A producer that is closed, or closes while it sends.
      default -> new ClientException.Unavailable("the producer could not send", error);
    };
  }

  /** Sends what is under way, for a moment, and gives the rest up. */
  @Override
  public void close() {
    producer.close(LAST_SENDS);
  }
}
