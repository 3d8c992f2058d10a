package io.penstock.workers;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.ResponseChunk;
import io.penstock.schemas.registry.RegistryException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes streamed answers to the chunks topic while they are given. For any thread.
 *
 * <p>A chunk may be lost, since the response carries the whole answer. So the leader's
 * acknowledgement is enough, which spares a token the way to the replicas; and whoever reads a
 * provider is never held up: where the broker does not keep up, the rest of the stream goes without
 * chunks.
 */
final class ChunkWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChunkWriter.class);

  /** How long pieces gather behind the first one, so that each costs a fraction of a record. */
  static final Duration GATHERING = Duration.ofMillis(15);

  // Some thousand streams' worth; beyond it the broker is not keeping up.
  private static final int BUFFER_BYTES = 16 * 1024 * 1024;
  private static final Duration LONGEST_BLOCK = Duration.ofMillis(20);
  private static final Duration DELIVERY = Duration.ofSeconds(10);
  private static final Duration PREPARING = Duration.ofSeconds(30);

  /** How long closing waits for what is under way. */
  static final Duration PARTING = Duration.ofMillis(100);

  // A producer forgets topics that lie idle for five minutes, and the next stream would find that
  // asking for them takes longer than it may block.
  private static final Duration NEVER_FORGETS = Duration.ofDays(3650);

  private final Topic<String, ResponseChunk> topic;
  private final Producer<byte[], byte[]> producer;
  private final ScheduledThreadPoolExecutor timer;
  private final Duration gathering;

  ChunkWriter(
      Topic<String, ResponseChunk> topic,
      Producer<byte[], byte[]> producer,
      Duration gathering,
      String worker) {
    this.topic = topic;
    this.producer = producer;
    this.gathering = gathering;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            Thread.ofPlatform().daemon().name(worker + "-chunks").factory(),
            new ThreadPoolExecutor.DiscardPolicy());
    timer.setRemoveOnCancelPolicy(true);
  }

  static ChunkWriter of(KafkaConnection kafka, Topics topics, String worker) {
    Map<String, Object> config = kafka.producer(worker + "-chunks", Duration.ZERO, DELIVERY);
    config.put(ProducerConfig.ACKS_CONFIG, "1");
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
    config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, LONGEST_BLOCK.toMillis());
    config.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, NEVER_FORGETS.toMillis());
    var bytes = new ByteArraySerializer();
    return new ChunkWriter(
        topics.chunks(), new KafkaProducer<>(config, bytes, bytes), GATHERING, worker);
  }

  /** Asks the registry and the broker for what they have not told yet. May block; never throws. */
  void prepare() {
    try {
      var sample = new ResponseChunk("", "", "", 0, "", "", List.of());
      var _ = topic.values().serializer().serialize(topic.name(), sample);
      awaitPartitions(System.nanoTime() + PREPARING.toNanos());
    } catch (RegistryException | KafkaException e) {
      LOG.info("no chunk could be written now: {}", e.getMessage());
    } catch (IllegalStateException e) {
      LOG.debug("closed before it was prepared", e);
    }
  }

  /** A producer that is never to block for long gives up long before the broker has answered. */
  private void awaitPartitions(long deadline) {
    while (true) {
      try {
        var _ = producer.partitionsFor(topic.name());
        return;
      } catch (TimeoutException e) {
        if (System.nanoTime() - deadline > 0) {
          throw e;
        }
      }
    }
  }

  /** The chunks of one attempt, for the request that leads its dispatch. */
  ChunkStream open(InferenceRequest leader, Attempt attempt) {
    return new ChunkStream(this, leader, attempt, gathering, timer);
  }

  /**
   * Hands a chunk to the producer.
   *
   * @return false when it is lost
   */
  boolean write(InferenceRequest leader, ResponseChunk chunk) {
    try {
      byte[] key = topic.keys().serializer().serialize(topic.name(), chunk.getRequestId());
      byte[] value = topic.values().serializer().serialize(topic.name(), chunk);
      var _ =
          producer.send(new ProducerRecord<>(topic.name(), leader.getReplyPartition(), key, value));
      return true;
    } catch (RuntimeException e) { // The registry, a full buffer, a partition that is not there.
      LOG.warn(
          "request {} gets no more chunks, its response will bring the rest: {}",
          chunk.getRequestId(),
          e.toString());
      return false;
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    producer.close(PARTING);
  }
}
