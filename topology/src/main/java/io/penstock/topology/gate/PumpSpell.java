package io.penstock.topology.gate;

import io.penstock.policies.gate.GateRules;
import io.penstock.policies.gate.Pacing;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Names;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pump at work, until something goes wrong. For one thread, which every call may block. */
final class PumpSpell implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PumpSpell.class);
  private static final Duration BUSY = Duration.ofMillis(5);
  private static final Duration IDLE = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration DELIVERY = Duration.ofMinutes(2);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  // Kafka forgets in a week what a group without members has noted.
  private static final Duration NOTE_EVERY = Duration.ofSeconds(10);
  private static final int ENOUGH = 256;

  private final String lane;
  private final String gated;
  private final Gate gate;
  private final GateRules rules;
  private final Pacing pacing;
  private final GateMeters meters;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Admin admin;
  private final WorkWaiting work;
  private final Map<Integer, Passage> passages = new LinkedHashMap<>();
  private final Set<Gate.Door> shut = new HashSet<>();
  private Instant nextNote = Instant.EPOCH;
  private volatile @Nullable Exception failure;

  PumpSpell(
      KafkaConnection connection,
      Topics topics,
      Gate gate,
      GateRules rules,
      Pacing pacing,
      GateMeters meters) {
    this.lane = topics.requests(Lane.BATCH).name();
    this.gated = topics.gated().name();
    this.gate = gate;
    this.rules = rules;
    this.pacing = pacing;
    this.meters = meters;
    Map<String, Object> reading = connection.consumer(Names.GATE);
    reading.put(ConsumerConfig.GROUP_ID_CONFIG, Names.GATE); // For notes; nobody ever joins it.
    reading.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"); // What retention has taken.
    reading.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, ENOUGH);
    this.consumer =
        new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.producer =
        new KafkaProducer<>(
            connection.producer(Names.GATE, Duration.ZERO, DELIVERY),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    this.admin = Admin.create(connection.admin(Names.GATE));
    this.work = new WorkWaiting(admin);
  }

  /** Looks once at everything, and lets in what may come in; takes some milliseconds. */
  void turn() {
    Exception broken = failure;
    if (broken != null) {
      throw new KafkaException("a request could not be let in", broken);
    }
    follow(gate.doors());
    read();
    Instant now = gate.clock().instant();
    gate.hear(pacing::express);
    // Without a backlog or express nobody wants to know, and the broker is left alone.
    long waitingWork = outside() == 0 && pacing.mode() == Pacing.Mode.FREE ? 0 : work.now(now);
    int allowed = pacing.allow(unread() + waitingWork, now);
    if (waitingWork < rules.waitingWork() && allowed > 0) {
      pacing.letIn(letIn(allowed));
    }
    note(now);
    meters.stand(waiting(), unread(), waitingWork, pacing);
  }

  private void follow(Map<Integer, Gate.Door> doors) {
    boolean gone =
        passages.entrySet().removeIf(each -> !each.getValue().leadsTo(doors.get(each.getKey())));
    shut.retainAll(doors.values());
    Map<Integer, Gate.Door> fresh = new HashMap<>(doors);
    fresh.keySet().removeAll(passages.keySet());
    fresh.values().removeAll(shut);
    if (!gone && fresh.isEmpty()) {
      return;
    }
    fresh.forEach(this::begin);
    consumer.assign(passages.values().stream().map(Passage::lane).toList());
    fresh.keySet().stream()
        .map(passages::get)
        .filter(Objects::nonNull)
        .forEach(passage -> consumer.seek(passage.lane(), passage.next()));
  }

  private void begin(int partition, Gate.Door door) {
    var from = new TopicPartition(lane, partition);
    var to = new TopicPartition(gated, partition);
    long last = offset(from, OffsetSpec.latest());
    long end = offset(to, OffsetSpec.latest());
    long next = gate.log().passed(partition, end).orElseGet(() -> noted(from) - 1) + 1;
    if (next > last) {
      LOG.error(
          "{} ends at {}, but requests up to {} have been let in: it was emptied or cut off. Nothing"
              + " is let in from there; stop the topology, delete {} too, and start again",
          from,
          last,
          next,
          to.topic());
      shut.add(door);
      return;
    }
    passages.put(partition, new Passage(door, from, end, end - flowBegins(to, end), next));
  }

  /** Where the lane goes on when the gated topic remembers nothing. */
  private long noted(TopicPartition from) {
    OffsetAndMetadata noted = consumer.committed(Set.of(from), PATIENCE).get(from);
    return noted == null ? offset(from, OffsetSpec.earliest()) : noted.offset();
  }

  /** From where on the flow reads, at the least. */
  private long flowBegins(TopicPartition to, long end) {
    long begin = offset(to, OffsetSpec.earliest());
    OffsetAndMetadata committed =
        get(admin.listConsumerGroupOffsets(Names.TOPOLOGY).partitionsToOffsetAndMetadata()).get(to);
    return Math.clamp(committed == null ? begin : committed.offset(), begin, end);
  }

  private long offset(TopicPartition place, OffsetSpec which) {
    return get(admin.listOffsets(Map.of(place, which)).partitionResult(place)).offset();
  }

  private static <T> T get(KafkaFuture<T> answer) {
    try {
      return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new KafkaException("how far the lane and the topology are is not known", e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private void read() {
    if (passages.isEmpty()) {
      gate.awaitDoor(IDLE);
      return;
    }
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(outside() > 0 ? BUSY : IDLE)) {
      Passage passage = passages.get(record.partition());
      if (passage != null) {
        passage.outside().add(record);
      }
    }
    for (Passage passage : passages.values()) {
      List<TopicPartition> place = List.of(passage.lane());
      if (passage.outside().size() >= ENOUGH) {
        consumer.pause(place);
      } else {
        consumer.resume(place);
      }
    }
  }

  /** Lets in what the windows take, one of each partition in turn. */
  private int letIn(int allowed) {
    int count = 0;
    boolean any = true;
    while (any) {
      any = false;
      for (Passage passage : passages.values()) {
        if (count < allowed && !passage.outside().isEmpty() && passage.unread() < rules.window()) {
          send(passage, passage.outside().remove());
          count++;
          any = true;
        }
      }
    }
    meters.letIn(count);
    return count;
  }

  private void send(Passage passage, ConsumerRecord<byte[], byte[]> record) {
    passage.sent();
    var copy =
        new ProducerRecord<>(
            gated,
            record.partition(),
            record.timestamp() < 0 ? null : record.timestamp(),
            record.key(),
            record.value(),
            GateHeader.with(record.headers(), record.offset()));
    var _ =
        producer.send(copy, (place, broken) -> written(passage, record.offset(), place, broken));
  }

  /** On the producer's thread. */
  private void written(
      Passage passage, long onLane, RecordMetadata place, @Nullable Exception broken) {
    switch (broken) {
      case null -> passage.written(onLane, place.offset());
      case RecordTooLargeException tooLarge -> {
        LOG.error(
            "the request at {} offset {} is lost, because it is too large",
            passage.lane(),
            onLane,
            tooLarge);
        passage.passedOver(onLane);
      }
      default -> {
        // Called from here it lets nothing more out: what is behind this one must not come before
        // it, or this one would be taken for let in.
        failure = broken;
        producer.close(Duration.ZERO);
      }
    }
  }

  /** Notes how far it is, for the day when the gated topic remembers nothing, and for operators. */
  private void note(Instant now) {
    if (now.isBefore(nextNote) || passages.isEmpty()) {
      return;
    }
    nextNote = now.plus(NOTE_EVERY);
    consumer.commitAsync(notes(passages.values()), null);
  }

  private static Map<TopicPartition, OffsetAndMetadata> notes(Collection<Passage> passages) {
    var notes = new HashMap<TopicPartition, OffsetAndMetadata>();
    passages.forEach(each -> notes.put(each.lane(), new OffsetAndMetadata(each.next())));
    return notes;
  }

  private long waiting() {
    return passages.values().stream()
        .mapToLong(each -> each.outside().size() + consumer.currentLag(each.lane()).orElse(0L))
        .sum();
  }

  private int outside() {
    return passages.values().stream().mapToInt(each -> each.outside().size()).sum();
  }

  private int unread() {
    return passages.values().stream().mapToInt(Passage::unread).sum();
  }

  @Override
  public void close() {
    meters.rest();
    producer.close(failure == null ? CLOSE_WITHIN : Duration.ZERO);
    consumer.close();
    admin.close(Duration.ZERO);
  }
}
