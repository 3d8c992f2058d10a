package io.penstock.infra.soak;

import io.penstock.infra.engine.Closing;
import io.penstock.policies.fingerprint.Fingerprint;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Messages;
import io.penstock.schemas.Topic;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Many different questions on the batch lane, written straight to Kafka. Used by one thread. */
final class Backlog implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Closing closing = new Closing();
  private final Topic<String, InferenceRequest> lane;
  private final Topic<String, InferenceRequest> gated;
  private final KafkaProducer<String, InferenceRequest> producer;
  private final KafkaConsumer<byte[], byte[]> ends;
  private final String name;
  private int asked;

  /**
   * @param name tells its questions from those of others
   */
  Backlog(KafkaConnection kafka, Topics topics, String name) {
    this.name = name;
    this.lane = topics.requests(Lane.BATCH);
    this.gated = topics.gated();
    this.producer =
        closing.add(
            new KafkaProducer<>(
                kafka.producer("backlog", Duration.ofMillis(5), PATIENCE),
                new StringSerializer(),
                lane.values().serializer()));
    this.ends =
        closing.add(
            new KafkaConsumer<>(
                kafka.consumer("backlog"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer()));
  }

  /** Asks so many more; returns their ids once they are durable. */
  List<String> grow(int count) {
    var ids = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      InferenceRequest request = question(name + "-" + asked++);
      ids.add(request.getId());
      var _ =
          producer.send(new ProducerRecord<>(lane.name(), Fingerprint.of(request).hex(), request));
    }
    producer.flush();
    return ids;
  }

  /** How many are on the lane in all. */
  long onLane() {
    return count(lane);
  }

  /** How many records have been let into the topology. */
  long letIn() {
    return count(gated);
  }

  private long count(Topic<?, ?> topic) {
    List<TopicPartition> partitions =
        IntStream.range(0, topic.partitions())
            .mapToObj(partition -> new TopicPartition(topic.name(), partition))
            .toList();
    return ends.endOffsets(partitions, PATIENCE).values().stream().mapToLong(Long::longValue).sum();
  }

  // None is a cache hit, and none shares a prefix: each costs a call, and is cached.
  private static InferenceRequest question(String id) {
    return new InferenceRequest(
        id,
        "default",
        "gpt-5-mini",
        List.of(Messages.text("user", "What is special about the penstock named " + id + "?")),
        null,
        null,
        true,
        null,
        null,
        null,
        null,
        Map.of(),
        Endpoint.CHAT,
        null,
        null,
        Dialect.PENSTOCK,
        null,
        null,
        null,
        null,
        false);
  }

  @Override
  public void close() {
    closing.close();
  }
}
