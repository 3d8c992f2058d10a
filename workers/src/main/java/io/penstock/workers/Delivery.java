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

  /** Nobody may be called for it here; another worker may know a provider of its plan. */
  record Foreign() implements Delivery {}

  /** It was given back, or died with its worker, too often: after this delivery it is gone. */
  record Worn(Droppable last) implements Delivery {}

  /** No worker will understand it, or none has. */
  record Unreadable(String reason) implements Delivery {}

  /** It cannot be understood now, since the registry does not answer. */
  record Postponed(RegistryException cause) implements Delivery {}

  /**
   * Sorts deliveries.
   *
   * @param serves whether a provider of this id can be called here
   * @param withdrawn whether nobody waits for the dispatch of this id any more
   */
  record Sorting(
      Deserializer<Dispatch> deserializer,
      Timing timing,
      Predicate<String> serves,
      Predicate<String> withdrawn) {
    /** Kafka's default for {@code group.share.delivery.count.limit}. */
    static final int LAST_DELIVERY = 5;

    /** A call that dies with its worker must leave a delivery in which this can be told. */
    static final int LAST_CALLABLE = LAST_DELIVERY - 1;

    static int deliveries(ConsumerRecord<byte[], byte[]> record) {
      return record.deliveryCount().orElse((short) 1);
    }

    Delivery of(ConsumerRecord<byte[], byte[]> record, Instant now) {
      try {
        Dispatch dispatch = deserializer.deserialize(record.topic(), record.value());
        if (dispatch == null || dispatch.getPlan().isEmpty() || dispatch.getRequests().isEmpty()) {
          return new Unreadable("a dispatch without a plan, or without a request");
        }
        return of(dispatch, deliveries(record), now);
      } catch (UndecodableException e) {
        return new Unreadable(String.valueOf(e.getMessage()));
      } catch (RegistryException.Unavailable e) {
        return new Postponed(e);
      } catch (RegistryException e) { // A matter of this worker's settings, perhaps.
        return deliveries(record) >= LAST_CALLABLE
            ? new Unreadable(String.valueOf(e.getMessage()))
            : new Postponed(e);
      }
    }

    private Delivery of(Dispatch dispatch, int deliveries, Instant now) {
      if (withdrawn.test(dispatch.getId())) {
        return new Droppable(
            dispatch,
            Reason.WITHDRAWN.because("nobody waited for the answer any more; nothing was called"));
      }
      if (timing.callTimeout(dispatch.getDeadlineAt(), now).isEmpty()) {
        return new Droppable(
            dispatch,
            Reason.DEADLINE_EXCEEDED.because(
                "the deadline passed before a worker was free; nothing was called"));
      }
      List<Candidate> plan =
          dispatch.getPlan().stream().filter(c -> serves.test(c.getProvider())).toList();
      if (plan.isEmpty()) {
        return deliveries < LAST_CALLABLE
            ? new Foreign()
            : new Droppable(dispatch, unknown(dispatch));
      }
      if (deliveries >= LAST_DELIVERY) {
        return new Worn(
            new Droppable(
                dispatch,
                Reason.WORKERS_LOST.because(
                    "the dispatch was handed out "
                        + deliveries
                        + " times, and no worker could begin a call")));
      }
      return new Callable(Assignment.of(dispatch, plan));
    }

    private static Failure unknown(Dispatch dispatch) {
      return Reason.MODEL_NOT_FOUND.because(
          "no worker that saw the dispatch knows a provider of its plan: configure "
              + dispatch.getPlan().getFirst().getProvider());
    }
  }
}
