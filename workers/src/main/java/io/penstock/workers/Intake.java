package io.penstock.workers;

import io.penstock.schemas.TopicProvisioner;
import io.penstock.schemas.avro.Attempt;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins what is to become of each delivered record. Used by the one thread that polls; what it
 * begins goes on elsewhere.
 *
 * @param reading of the lane's dispatches
 * @param slots of the lane: taken here, given back when the call has ended
 */
record Intake(
    Reading reading,
    Delivery.Sorting sorting,
    Slots slots,
    Attempts attempts,
    PlanWalker walker,
    Results results,
    CallMeters meters,
    InstantSource clock) {
  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);

  /** How long a delivered record may take to become ours. */
  Duration patience() {
    return attempts.settings().timing().startPatience();
  }

  /** Whether what is delivered could be read, and the answer to it be written. May block. */
  boolean ready() {
    return reading.ready() && results.ready();
  }

  /**
   * Writes the record that a delivery calls for.
   *
   * @param limit until when the delivery may become ours
   * @return waits until its fate is known, but not beyond the limit
   */
  Supplier<Fate> open(ConsumerRecord<byte[], byte[]> delivered, TimeLimit limit) {
    return switch (sorting.of(delivered, clock.instant())) {
      case Delivery.Callable(Assignment assignment) -> fate(begin(assignment, limit));
      case Delivery.Droppable droppable -> afterWriting(drop(droppable), limit);
      case Delivery.Foreign() -> () -> Fate.PASSED_ON;
      case Delivery.Worn(Delivery.Droppable last) ->
          afterWriting(
              CompletableFuture.allOf(drop(last), putAside(delivered, last.failure().getMessage())),
              limit);
      case Delivery.Unreadable(String reason) -> afterWriting(putAside(delivered, reason), limit);
      case Delivery.Postponed(var cause) -> {
        LOG.warn("a dispatch cannot be read now: {}", cause.getMessage());
        yield () -> Fate.FAILED;
      }
    };
  }

  private Opening begin(Assignment assignment, TimeLimit limit) {
    Attempt first = attempts.next(assignment, 0, assignment.plan().getFirst());
    slots.take();
    return attempts.open(
        assignment,
        first,
        limit,
        TopicProvisioner.RECORD_LOCK,
        () -> Thread.ofVirtual().name(first.getId()).start(() -> work(assignment, first)),
        slots::giveBack);
  }

  private void work(Assignment assignment, Attempt first) {
    try {
      walker.work(assignment, first);
    } finally {
      slots.giveBack();
    }
  }

  private CompletableFuture<Void> drop(Delivery.Droppable droppable) {
    return results.dropped(droppable.dispatch().getFingerprint(), droppable.event());
  }

  private CompletableFuture<Void> putAside(
      ConsumerRecord<byte[], byte[]> delivered, String reason) {
    return results
        .deadLetter(delivered, reason)
        .thenRun(() -> meters.deadLetter(delivered.topic()));
  }

  private static Supplier<Fate> afterWriting(CompletableFuture<Void> durable, TimeLimit limit) {
    return fate(new Opening(durable, limit, Opening.Deed.NOTHING));
  }

  private static Supplier<Fate> fate(Opening opening) {
    return () -> opening.begins() ? Fate.TAKEN : Fate.FAILED;
  }
}
