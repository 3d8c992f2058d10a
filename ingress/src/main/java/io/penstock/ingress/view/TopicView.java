package io.penstock.ingress.view;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads every partition of a topic on a thread of its own, from where it left off, and lets a
 * {@link Fold} keep what it makes of it. Table and place in the log move in one write, so that each
 * record counts once whatever crashes. Waits for as long as the broker is away.
 */
public final class TopicView implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicView.class);
  private static final byte[] PROGRESS = {0};
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofMillis(300);
  private static final Duration PARTING = Duration.ofMillis(100);

  /** {@link #close()} takes no longer. */
  public static final Duration LONGEST_CLOSE = PARTING.multipliedBy(3);

  private static final Duration SAID_AGAIN = Duration.ofMinutes(1);

  /*
   * A little patience makes few large polls of many small ones when traffic is heavy; who must know
   * of what has just happened asks to catch up first.
   */
  private static final int WORTH_A_FETCH = 32 * 1024;
  private static final Duration LONGEST_FETCH = Duration.ofMillis(150);
  private static final int LARGEST_POLL = 5_000;

  private final String name;
  private final KafkaConnection connection;
  private final Admin admin;
  private final List<TopicPartition> partitions;
  private final String topic;
  private final Fold fold;
  private final Table table;
  private final Thread thread;
  private final Reached reached = new Reached();
  private final CountDownLatch closing = new CountDownLatch(1);
  private String lastSaid = ""; // this and the next by the thread alone
  private long lastSaidAt;
  private volatile boolean caughtUp;
  private volatile @Nullable KafkaConsumer<byte[], byte[]> reading;

  private TopicView(
      String name,
      KafkaConnection connection,
      Admin admin,
      Topic<?, ?> topic,
      Fold fold,
      Table table) {
    this.name = name;
    this.connection = connection;
    this.admin = admin;
    this.topic = topic.name();
    this.partitions =
        IntStream.range(0, topic.partitions())
            .mapToObj(partition -> new TopicPartition(topic.name(), partition))
            .toList();
    this.fold = fold;
    this.table = table;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  /**
   * Starts a view; it catches up in the background.
   *
   * @param name of its thread and its consumer
   * @param admin stays the caller's
   * @param directory for this view alone
   * @param kept what the table knows may be forgotten after this long; null keeps it
   * @throws TableException.Unusable when the table cannot be opened
   */
  public static TopicView start(
      String name,
      KafkaConnection connection,
      Admin admin,
      Topic<?, ?> topic,
      Fold fold,
      Path directory,
      @Nullable Duration kept) {
    var view = new TopicView(name, connection, admin, topic, fold, Table.open(directory, kept));
    view.thread.start();
    return view;
  }

  /** For reading; it moves while it is read. */
  public Table table() {
    return table;
  }

  /** Whether everything has been read that was in the log when the view was started. */
  public boolean caughtUp() {
    return caughtUp;
  }

  /**
   * Waits until what is on the log now has been read, so that whoever was just answered finds it.
   * Gives up when that takes too long: what is read then is a little old, as at any other time.
   *
   * @return whether it has been read
   */
  public boolean catchUp(Duration patience) {
    Map<TopicPartition, OffsetSpec> latest =
        partitions.stream().collect(Collectors.toMap(p -> p, _ -> OffsetSpec.latest()));
    try {
      Map<TopicPartition, Long> ends = new HashMap<>();
      admin
          .listOffsets(latest, new ListOffsetsOptions().timeoutMs((int) patience.toMillis()))
          .all()
          .get()
          .forEach((partition, end) -> ends.put(partition, end.offset()));
      return reached.await(ends, patience);
    } catch (ExecutionException e) {
      LOG.debug("{} does not know how far it is behind", name, e);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void run() {
    Runnable remedy = () -> {};
    try {
      while (open()) {
        try {
          remedy.run();
          remedy = () -> {};
          follow();
        } catch (WakeupException e) {
          LOG.debug("{} woken up to close", name);
        } catch (LogTruncationException | TableException.Damaged e) {
          LOG.warn("{} is made anew from the log: {}", name, e.getMessage());
          remedy = this::startOver;
        } catch (TableException.Unusable e) {
          remedy = table::reopen;
          pauseAfter(e);
        } catch (RuntimeException | ExecutionException e) {
          // Whatever it was, a view that stands still is worse than one that tries again; a fold
          // that was broken off starts from what was written.
          pauseAfter(e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      table.close();
    }
  }

  private void pauseAfter(Exception e) throws InterruptedException {
    if (!open()) {
      return;
    }
    // Before there are topics, or while the broker is away, this happens again and again.
    String said = e.toString();
    if (!said.equals(lastSaid) || System.nanoTime() - lastSaidAt > SAID_AGAIN.toNanos()) {
      LOG.warn("{} reads on after {}", name, said);
      lastSaid = said;
      lastSaidAt = System.nanoTime();
    }
    closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void follow() throws ExecutionException, InterruptedException {
    Progress progress = restore(topicId());
    var consumer =
        new KafkaConsumer<>(settings(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    try {
      reading = consumer;
      consumer.assign(partitions);
      partitions.forEach(partition -> seek(consumer, partition, progress));
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (open()) {
        read(consumer, progress);
        partitions.forEach(p -> reached.at(p, consumer.position(p)));
        caughtUp = caughtUp || partitions.stream().allMatch(p -> reached(consumer, p, ends));
      }
    } finally {
      reading = null;
      consumer.close(CloseOptions.timeout(PARTING));
    }
  }

  private Uuid topicId() throws ExecutionException, InterruptedException {
    return admin
        .describeTopics(List.of(topic))
        .allTopicNames()
        .get()
        .values()
        .iterator()
        .next()
        .topicId();
  }

  private Progress restore(Uuid topicId) {
    var stored = Progress.of(table.get(PROGRESS), topicId, partitions.size(), fold.format());
    if (stored.isEmpty() && table.get(PROGRESS) != null) {
      LOG.warn("{} is made anew: what it holds came from another topic or release", name);
      startOver();
    }
    fold.restore(table);
    return stored.orElseGet(() -> Progress.none(topicId, partitions.size(), fold.format()));
  }

  private void startOver() {
    caughtUp = false;
    table.clear();
  }

  private static void seek(
      KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, Progress progress) {
    progress
        .next(partition.partition())
        .ifPresentOrElse(
            next -> consumer.seek(partition, next),
            () -> consumer.seekToBeginning(List.of(partition)));
  }

  private void read(KafkaConsumer<byte[], byte[]> consumer, Progress progress) {
    ConsumerRecords<byte[], byte[]> records;
    try {
      records = consumer.poll(POLL);
    } catch (LogTruncationException e) {
      throw e;
    } catch (OffsetOutOfRangeException e) {
      // Retention has overtaken us: what is gone from the log is of no more use.
      consumer.seekToBeginning(e.offsetOutOfRangePartitions().keySet());
      return;
    }
    if (records.isEmpty()) {
      return;
    }
    try (var changes = new Table.Changes()) {
      fold.apply(records, table, changes);
      for (ConsumerRecord<byte[], byte[]> record : records) {
        progress.passed(record);
      }
      changes.put(PROGRESS, progress.toBytes());
      table.write(changes);
    }
    fold.written();
  }

  private static boolean reached(
      KafkaConsumer<byte[], byte[]> consumer,
      TopicPartition partition,
      Map<TopicPartition, Long> ends) {
    return consumer.position(partition) >= ends.getOrDefault(partition, 0L);
  }

  private Map<String, Object> settings() {
    var config = connection.consumer(name);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    config.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, WORTH_A_FETCH);
    config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int) LONGEST_FETCH.toMillis());
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, LARGEST_POLL);
    return config;
  }

  private boolean open() {
    return closing.getCount() > 0;
  }

  /**
   * Stops reading, and closes the table. A thread that has not come to its end after {@link
   * #LONGEST_CLOSE} closes the table by itself, later.
   */
  @Override
  public void close() {
    closing.countDown();
    var consumer = reading;
    if (consumer != null) {
      consumer.wakeup();
    }
    try {
      if (!thread.join(PARTING.multipliedBy(2))) {
        thread.interrupt();
        thread.join(PARTING);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
