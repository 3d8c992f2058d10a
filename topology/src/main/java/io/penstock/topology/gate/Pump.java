package io.penstock.topology.gate;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.policies.gate.GateRules;
import io.penstock.policies.gate.Pacing;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Names;
import io.penstock.schemas.Topics;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the batch lane into the flow: a thread that copies records as they are, for the partitions
 * that this process reads, no more at a time than the window and no faster than express bears. The
 * backlog waits outside, in Kafka.
 *
 * <p>Whatever goes wrong, it begins again from what the log says has been let in: nothing is lost,
 * and what it lets in twice the flow takes once. Safe for all threads.
 */
public final class Pump implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pump.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private final KafkaConnection connection;
  private final Topics topics;
  private final Gate gate;
  private final GateRules rules;
  private final Pacing pacing;
  private final GateMeters meters;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  private Pump(
      KafkaConnection connection, Topics topics, Gate gate, GateRules rules, MeterRegistry meters) {
    this.connection = connection;
    this.topics = topics;
    this.gate = gate;
    this.rules = rules;
    this.pacing = new Pacing(rules);
    this.meters = new GateMeters(meters);
    this.thread = Thread.ofPlatform().name(Names.GATE).unstarted(this::run);
  }

  /** Starts to let in whatever {@code gate} says is read. */
  public static Pump start(
      KafkaConnection connection, Topics topics, Gate gate, GateRules rules, MeterRegistry meters) {
    var pump = new Pump(connection, topics, gate, rules, meters);
    pump.thread.start();
    return pump;
  }

  private void run() {
    while (!closed()) {
      try (var spell = new PumpSpell(connection, topics, gate, rules, pacing, meters)) {
        while (!closed()) {
          spell.turn();
        }
      } catch (KafkaException | IllegalStateException e) {
        if (!closed()) {
          LOG.warn("the gate begins again from the log", e);
          pause();
        }
      }
    }
  }

  private boolean closed() {
    return closing.getCount() == 0;
  }

  private void pause() {
    try {
      var _ = closing.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      LOG.debug("interrupted in order to close", e);
    }
  }

  /** Lets in no more; what is under way is written or let in again by the next. */
  @Override
  public void close() {
    closing.countDown();
    try {
      if (!thread.join(CLOSE_WITHIN)) {
        thread.interrupt();
        thread.join(CLOSE_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    meters.close();
  }
}
