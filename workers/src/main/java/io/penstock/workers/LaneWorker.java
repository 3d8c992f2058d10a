package io.penstock.workers;

import io.penstock.schemas.TopicProvisioner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the dispatches of one lane from its share group, on a thread of its own, while it has free
 * slots for them.
 *
 * <p>A share consumer must acknowledge all of a poll before the next one, so no dispatch can stay
 * unacknowledged while its call lasts (docs/measurements.md, Kafka §2). Each is therefore handed
 * over: its {@code AttemptStarted} is written; once that is durable, the call starts on a virtual
 * thread and the record is accepted. Until then Kafka owns the dispatch, and another worker gets it
 * if this one dies; from then on the topology owns it, by the attempt's lease. The thread waits for
 * that one write, never for a call, nor for an acknowledgement, which travels with the next poll.
 *
 * <p>Kafka drops, without a word, a record that was given back too often. So nothing is polled
 * while it could not be read or its start not be written, and a record that one delivery parts from
 * its end is held, by renewing its lock, until something has become of it.
 */
final class LaneWorker {
  private static final Logger LOG = LoggerFactory.getLogger(LaneWorker.class);

  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  // Half a second of it may pass until the last fetch comes back.
  private static final Duration LEAVE = Duration.ofMillis(900);

  private final String topic;
  private final Supplier<ShareConsumer<byte[], byte[]>> consumers;
  private final int atOnce;
  private final Intake intake;
  private final Thread thread;
  private final Remembered taken = new Remembered();
  private volatile boolean closing;

  // Of the thread.
  private boolean ready;
  private TimeLimit held = TimeLimit.in(Duration.ZERO);

  /** A record under way from Kafka's hands into ours. */
  private record HandOver(ConsumerRecord<byte[], byte[]> record, Supplier<Fate> fate) {}

  /**
   * @param consumers makes a consumer of the share group whenever one is needed
   * @param atOnce records of one poll, about: no poll begins with fewer free slots
   */
  LaneWorker(
      String name,
      String topic,
      Supplier<ShareConsumer<byte[], byte[]>> consumers,
      int atOnce,
      Intake intake) {
    this.topic = topic;
    this.consumers = consumers;
    this.atOnce = atOnce;
    this.intake = intake;
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Whether it still takes dispatches, or waits until it can. */
  boolean running() {
    return thread.isAlive() && !closing;
  }

  /** Takes nothing more. Returns at once; to be called once. */
  void stop() {
    closing = true;
    thread.interrupt();
  }

  /** Waits until its calls have ended; false when {@code patience} ran out first. */
  boolean awaitIdle(Duration patience) throws InterruptedException {
    return intake.slots().awaitIdle(patience);
  }

  /** Waits until its consumer has left the group; false when {@code patience} ran out first. */
  boolean awaitLeft(Duration patience) throws InterruptedException {
    return thread.join(patience);
  }

  private void run() {
    while (!closing) {
      try {
        take();
      } catch (InterruptException | InterruptedException e) {
        LOG.debug("stopped by {}", e.toString());
      } catch (RuntimeException e) {
        if (!closing) {
          LOG.error("taking from {} failed; it goes on in {}", topic, PAUSE, e);
          pause(PAUSE);
        }
      } catch (Error e) {
        LOG.error("nothing more is taken from {}: restart this worker", topic, e);
        throw e;
      }
    }
  }

  private void take() throws InterruptedException {
    ShareConsumer<byte[], byte[]> consumer = consumers.get();
    try {
      consumer.setAcknowledgementCommitCallback(this::acknowledged);
      consumer.subscribe(List.of(topic));
      while (!closing) {
        ready = ready || intake.ready();
        if (ready || holding()) {
          awaitRoom(consumer);
          handOver(consumer, consumer.poll(POLL));
        } else {
          pause(PAUSE);
        }
      }
    } finally {
      Thread.interrupted(); // An interrupted thread could not say goodbye to the group.
      consumer.close(LEAVE);
    }
  }

  /** Whether records are held, which takes polls; such a poll brings nothing new. */
  private boolean holding() {
    return !held.passed();
  }

  private void awaitRoom(ShareConsumer<byte[], byte[]> consumer) throws InterruptedException {
    if (!holding() && !intake.slots().free(atOnce)) {
      consumer.commitAsync(); // No poll will carry the acknowledgements soon.
      intake.slots().awaitFree(atOnce);
    }
  }

  /** Takes over what was polled, or gives it back. */
  private void handOver(
      ShareConsumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> polled) {
    if (polled.isEmpty()) {
      return;
    }
    var limit = TimeLimit.in(intake.patience());
    var handOvers = new ArrayList<HandOver>(polled.count());
    for (ConsumerRecord<byte[], byte[]> record : polled) {
      handOvers.add(new HandOver(record, open(record, limit)));
    }
    int failed = 0;
    int passedOn = 0;
    boolean bounced = false;
    boolean holds = false;
    for (HandOver each : handOvers) {
      Fate fate = each.fate.get();
      AcknowledgeType type = acknowledgement(fate, Delivery.Sorting.deliveries(each.record));
      if (fate == Fate.TAKEN) {
        taken.add(each.record);
      }
      consumer.acknowledge(each.record, type);
      failed += fate == Fate.FAILED ? 1 : 0;
      passedOn += fate == Fate.PASSED_ON ? 1 : 0;
      bounced |= fate == Fate.PASSED_ON && Delivery.Sorting.deliveries(each.record) > 1;
      holds |= type == AcknowledgeType.RENEW;
    }
    held = TimeLimit.in(holds ? TopicProvisioner.RECORD_LOCK : Duration.ZERO);
    ready = ready && failed == 0;
    if (failed > 0) {
      LOG.warn(
          "{} dispatches of {} given back or held: they could not be read, or their start not be"
              + " written, in time",
          failed,
          topic);
    }
    if (!holds && failed + passedOn > 0) {
      consumer.commitAsync(); // So that others have them before this worker asks again.
      if (failed > 0 || bounced) {
        pause(PAUSE); // Nobody else was waiting, and each time counts.
      }
    }
  }

  private Supplier<Fate> open(ConsumerRecord<byte[], byte[]> record, TimeLimit limit) {
    if (taken.contains(record)) {
      LOG.warn(
          "{} of {} came again: its acceptance was lost, its call is made", record.offset(), topic);
      return () -> Fate.TAKEN;
    }
    return ready && !limit.passed() ? intake.open(record, limit) : () -> Fate.FAILED;
  }

  private static AcknowledgeType acknowledgement(Fate fate, int deliveries) {
    return switch (fate) {
      case TAKEN -> AcknowledgeType.ACCEPT;
      case PASSED_ON -> AcknowledgeType.RELEASE;
      case FAILED ->
          deliveries < Delivery.Sorting.LAST_CALLABLE
              ? AcknowledgeType.RELEASE
              : AcknowledgeType.RENEW;
    };
  }

  /** What was accepted in vain is delivered again, here or to another worker, who calls again. */
  private void acknowledged(Map<TopicIdPartition, Set<Long>> offsets, @Nullable Exception failure) {
    if (failure != null) {
      int records = offsets.values().stream().mapToInt(Set::size).sum();
      intake.meters().unacknowledged(topic, records);
      LOG.warn(
          "Kafka did not take the acknowledgement of {} dispatches of {}: they may be called twice",
          records,
          topic,
          failure);
    }
  }

  private static void pause(Duration length) {
    try {
      Thread.sleep(length);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
