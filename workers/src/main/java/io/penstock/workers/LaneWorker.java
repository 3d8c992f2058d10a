package io.penstock.workers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the dispatches of one lane from its share group, on a thread of its own, while it has free
 * slots for them.
 *
 * <p>A share consumer must acknowledge all of a poll before the next one, so no dispatch can stay
 * unacknowledged while its call lasts (facts, kafka §2). Each is therefore handed over: its {@code
 * AttemptStarted} is written; once that is durable, the call starts on a virtual thread and the
 * record is accepted. Until then Kafka owns the dispatch, and another worker gets it if this one
 * dies; from then on the topology owns it, by the attempt's lease. The thread waits for that one
 * write, never for a call, nor for an acknowledgement, which travels with the next poll.
 */
final class LaneWorker {
  private static final Logger LOG = LoggerFactory.getLogger(LaneWorker.class);

  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  // Half a second of it may pass until the last fetch comes back.
  private static final Duration LEAVE = Duration.ofMillis(900);

  private final String topic;
  private final Map<String, Object> config;
  private final int atOnce;
  private final Intake intake;
  private final Thread thread;
  private volatile boolean closing;

  /** A record under way from Kafka's hands into ours. */
  private record HandOver(ConsumerRecord<byte[], byte[]> record, Opening opening) {}

  /**
   * @param config of the share consumer
   * @param atOnce records of one poll, about: no poll begins with fewer free slots
   */
  LaneWorker(String name, String topic, Map<String, Object> config, int atOnce, Intake intake) {
    this.topic = topic;
    this.config = config;
    this.atOnce = atOnce;
    this.intake = intake;
    this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
  }

  void start() {
    thread.start();
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
          pause();
        }
      }
    }
  }

  private void take() throws InterruptedException {
    var bytes = new ByteArrayDeserializer();
    ShareConsumer<byte[], byte[]> consumer = new KafkaShareConsumer<>(config, bytes, bytes);
    try {
      consumer.subscribe(List.of(topic));
      while (!closing) {
        awaitRoom(consumer);
        if (!handOver(consumer, consumer.poll(POLL))) {
          consumer.commitAsync();
          pause();
        }
      }
    } finally {
      Thread.interrupted(); // An interrupted thread could not say goodbye to the group.
      consumer.close(LEAVE);
    }
  }

  private void awaitRoom(ShareConsumer<byte[], byte[]> consumer) throws InterruptedException {
    if (!intake.slots().free(atOnce)) {
      consumer.commitAsync(); // No poll will carry the acknowledgements soon.
      intake.slots().awaitFree(atOnce);
    }
  }

  /** Takes over what was polled; false when some of it had to be given back. */
  private boolean handOver(
      ShareConsumer<byte[], byte[]> consumer, ConsumerRecords<byte[], byte[]> polled) {
    var handOvers = new ArrayList<HandOver>(polled.count());
    for (ConsumerRecord<byte[], byte[]> record : polled) {
      handOvers.add(new HandOver(record, intake.open(record)));
    }
    long giveUpAt = System.nanoTime() + Opening.PATIENCE.toNanos();
    int givenBack = 0;
    for (HandOver each : handOvers) {
      boolean ours = each.opening.within(Duration.ofNanos(giveUpAt - System.nanoTime()));
      consumer.acknowledge(each.record, ours ? AcknowledgeType.ACCEPT : AcknowledgeType.RELEASE);
      givenBack += ours ? 0 : 1;
    }
    if (givenBack > 0) {
      LOG.warn(
          "{} dispatches of {} given back: their start could not be written", givenBack, topic);
    }
    return givenBack == 0;
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
