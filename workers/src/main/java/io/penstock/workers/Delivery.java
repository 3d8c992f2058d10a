package io.penstock.workers;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.Timing;
import io.penstock.schemas.UndecodableException;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.DispatchDropped;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.registry.RegistryException;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;

/** What is to become of a record that the share group delivered. */
sealed interface Delivery {
  /** A provider may be called. */
  record Callable(Assignment assignment) implements Delivery {}

  /** Nobody may be called for it. */
  record Droppable(Dispatch dispatch, Failure failure) implements Delivery {
    DispatchDropped event() {
      return new DispatchDropped(dispatch.getId(), failure);
    }
  }

  /** It was given back, or died with its worker, too often: after this delivery it is gone. */
  record Worn(Droppable last) implements Delivery {}

  /** No worker will ever understand it. */
  record Unreadable(String reason) implements Delivery {}

  /** It cannot be understood now, since the registry does not answer. */
  record Postponed(RegistryException cause) implements Delivery {}

  /**
   * Sorts deliveries.
   *
   * @param serves whether a provider of this id can be called here
   */
  record Sorting(Deserializer<Dispatch> deserializer, Timing timing, Predicate<String> serves) {
    /** Kafka's default for {@code group.share.delivery.count.limit}. */
    static final int LAST_DELIVERY = 5;

    Delivery of(ConsumerRecord<byte[], byte[]> record, Instant now) {
      try {
        Dispatch dispatch = deserializer.deserialize(record.topic(), record.value());
        if (dispatch == null || dispatch.getPlan().isEmpty() || dispatch.getRequests().isEmpty()) {
          return new Unreadable("a dispatch without a plan, or without a request");
        }
        return of(dispatch, record.deliveryCount().orElse((short) 1), now);
      } catch (UndecodableException e) {
        return new Unreadable(String.valueOf(e.getMessage()));
      } catch (RegistryException e) {
        return new Postponed(e);
      }
    }

    private Delivery of(Dispatch dispatch, int deliveries, Instant now) {
      if (timing.callTimeout(dispatch.getDeadlineAt(), now).isEmpty()) {
        return new Droppable(
            dispatch,
            Reason.DEADLINE_EXCEEDED.because(
                "the deadline passed before a worker was free; nothing was called"));
      }
      List<Candidate> plan =
          dispatch.getPlan().stream().filter(c -> serves.test(c.getProvider())).toList();
      if (plan.isEmpty()) {
        return new Droppable(
            dispatch,
            Reason.MODEL_NOT_FOUND.because(
                "the worker knows none of the plan's providers: configure "
                    + dispatch.getPlan().getFirst().getProvider()));
      }
      if (deliveries >= LAST_DELIVERY) {
        return new Worn(
            new Droppable(
                dispatch,
                Reason.WORKERS_LOST.because(
                    "each of " + deliveries + " workers lost the dispatch before calling anyone")));
      }
      return new Callable(Assignment.of(dispatch, plan));
    }
  }
}
