package io.penstock.ingress.batches;

import io.penstock.ingress.face.Face;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Names;
import io.penstock.schemas.Topic;
import io.penstock.schemas.avro.BatchEvent;
import io.penstock.schemas.avro.BatchOrder;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the batches of the partitions that this instance has. A consumer group deals the partitions
 * of the batches topic out, and that is all it is used for: nothing is read by it. Whoever is given
 * a partition goes on with its batches; if the one before has not noticed, both do the same for a
 * moment, which harms nobody.
 */
public final class BatchRuns implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BatchRuns.class);
  private static final Duration TICK = Duration.ofMillis(200);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(5);
  private static final Duration PARTING = Duration.ofMillis(100);
  private static final Duration NEW_TOPICS_EVERY = Duration.ofSeconds(10);

  /** An instance that says nothing for so long is taken for dead, and others go on. */
  private static final Duration SESSION = Duration.ofSeconds(10);

  private final BatchDesk desk;
  private final Topic<String, BatchEvent> topic;
  private final Ears ears = new Ears();
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Map<String, Run> running = new ConcurrentHashMap<>();

  private final Map<String, Long> notBefore = new ConcurrentHashMap<>();
  private final Set<Integer> owned = new HashSet<>(); // by the thread alone

  private record Run(BatchOrder order, Thread thread) {}

  private BatchRuns(
      String name, KafkaConnection connection, Topic<String, BatchEvent> topic, BatchDesk desk) {
    this.desk = desk;
    this.topic = topic;
    this.consumer =
        new KafkaConsumer<>(
            settings(name, connection), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  /**
   * Begins to run batches.
   *
   * @param name of its thread and its consumer
   */
  public static BatchRuns start(
      String name, KafkaConnection connection, Topic<String, BatchEvent> topic, BatchDesk desk) {
    var runs = new BatchRuns(name, connection, topic, desk);
    desk.status().toldTo(runs.ears);
    runs.thread.start();
    return runs;
  }

  private static Map<String, Object> settings(String name, KafkaConnection connection) {
    var config = connection.consumer(name);
    config.put(ConsumerConfig.GROUP_ID_CONFIG, Names.BATCHES);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    config.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) SESSION.toMillis());
    config.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, (int) SESSION.dividedBy(5).toMillis());
    // Who joins or leaves takes nothing from those who stay.
    config.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    config.put(CommonClientConfigs.METADATA_MAX_AGE_CONFIG, NEW_TOPICS_EVERY.toMillis());
    return config;
  }

  private void run() {
    try {
      consumer.subscribe(List.of(topic.name()), new Dealt());
      while (open()) {
        try {
          consumer.poll(TICK);
          begin();
        } catch (WakeupException e) {
          LOG.debug("woken up to close");
        } catch (RuntimeException e) {
          // Whatever it was: batches that stand still are worse than one more try.
          LOG.warn("batches: {}", e.toString());
          closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      stop(running.values());
      consumer.close(CloseOptions.timeout(PARTING));
    }
  }

  /** What this instance is given, and what is taken from it; called by its own polls. */
  private final class Dealt implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      consumer.pause(partitions);
      partitions.forEach(partition -> owned.add(partition.partition()));
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      partitions.forEach(partition -> owned.remove(partition.partition()));
      stop(running.values().stream().filter(run -> !isOurs(run.order())).toList());
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      onPartitionsRevoked(partitions);
    }
  }

  private boolean isOurs(BatchOrder order) {
    return owned.contains(desk.records().partitionOf(order.getId()));
  }

  private void begin() {
    if (!desk.view().caughtUp() || !desk.status().caughtUp()) {
      return;
    }
    for (Optional<BatchOrder> next = next();
        next.isPresent() && running.size() < desk.limits().atOnce();
        next = next()) {
      begin(next.get());
    }
  }

  /** Of the tenant with the fewest at work the oldest. */
  private Optional<BatchOrder> next() {
    return desk.view().unfinished().stream()
        .map(Batch::order)
        .filter(order -> isOurs(order) && !running.containsKey(order.getId()) && isDue(order))
        .min(
            Comparator.<BatchOrder>comparingLong(order -> atWork(order.getTenant()))
                .thenComparing(BatchOrder::getCreatedAt));
  }

  private boolean isDue(BatchOrder order) {
    Long at = notBefore.get(order.getId());
    return at == null || System.nanoTime() - at > 0;
  }

  private long atWork(String tenant) {
    return running.values().stream().filter(run -> run.order().getTenant().equals(tenant)).count();
  }

  private void begin(BatchOrder order) {
    notBefore.put(order.getId(), System.nanoTime() + AFTER_A_FAILURE.toNanos());
    Face face = desk.faces().get(order.getEndpoint());
    if (face == null) {
      LOG.error("{} is for {}, which nobody serves here", order.getId(), order.getEndpoint());
      return;
    }
    Thread its =
        Thread.ofVirtual()
            .name(thread.getName() + "-" + order.getId())
            .unstarted(() -> carryOut(new BatchRun(desk, ears, order, face), order));
    running.put(order.getId(), new Run(order, its));
    its.start();
  }

  private void carryOut(BatchRun batch, BatchOrder order) {
    try {
      batch.run();
      notBefore.remove(order.getId());
    } catch (InterruptedException e) {
      LOG.debug("{} is left to others", order.getId());
    } catch (RuntimeException e) {
      if (!Thread.currentThread().isInterrupted() && open()) {
        LOG.warn("{} is tried again soon: {}", order.getId(), e.toString());
      }
    } finally {
      running.remove(order.getId());
    }
  }

  /** Those that do not stop at once do no harm. */
  private static void stop(Collection<Run> runs) {
    runs.forEach(run -> run.thread().interrupt());
    long until = System.nanoTime() + PARTING.toNanos();
    try {
      for (Run run : runs) {
        run.thread().join(Duration.ofNanos(Math.max(1, until - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean open() {
    return closing.getCount() > 0;
  }

  /** Leaves its batches to the other instances, at once. */
  @Override
  public void close() {
    closing.countDown();
    consumer.wakeup();
    try {
      if (!thread.join(PARTING.multipliedBy(3))) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
