package io.penstock.workers;

import io.penstock.schemas.TopicProvisioner;
import io.penstock.schemas.avro.Attempt;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Begins what is to become of each delivered record. Used by the one thread that polls; what it
 * begins goes on elsewhere.
 *
 * @param slots of the lane: taken here, given back when the call has ended
 */
record Intake(
    Delivery.Sorting sorting,
    Slots slots,
    Attempts attempts,
    Caller caller,
    Results results,
    CallMeters meters,
    InstantSource clock) {

  /**
   * Writes the record that a delivery calls for. The delivery is accepted when the opening is in
   * time, and given back otherwise.
   */
  Opening open(ConsumerRecord<byte[], byte[]> delivered) {
    return switch (sorting.of(delivered, clock.instant())) {
      case Delivery.Callable(Assignment assignment) -> begin(assignment);
      case Delivery.Droppable droppable -> afterWriting(drop(droppable));
      case Delivery.Worn(Delivery.Droppable last) ->
          afterWriting(
              CompletableFuture.allOf(
                  drop(last), putAside(delivered, last.failure().getMessage())));
      case Delivery.Unreadable(String reason) -> afterWriting(putAside(delivered, reason));
      case Delivery.Postponed(var cause) -> afterWriting(CompletableFuture.failedFuture(cause));
    };
  }

  private Opening begin(Assignment assignment) {
    Attempt first = attempts.next(assignment, 0, assignment.plan().getFirst());
    slots.take();
    return attempts.open(
        assignment,
        first,
        TopicProvisioner.RECORD_LOCK,
        () -> Thread.ofVirtual().name(first.getId()).start(() -> work(assignment, first)),
        slots::giveBack);
  }

  private void work(Assignment assignment, Attempt first) {
    try {
      caller.work(assignment, first);
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

  private static Opening afterWriting(CompletableFuture<Void> durable) {
    return new Opening(durable, Opening.Deed.NOTHING);
  }
}
