package io.penstock.workers;

import io.penstock.policies.calling.BreakerRules;
import io.penstock.policies.calling.Timing;
import io.penstock.policies.calling.Walking;
import io.penstock.policies.limit.LimitRules;
import io.penstock.schemas.TopicProvisioner;
import io.penstock.schemas.avro.Lane;
import java.util.Set;

/**
 * How a worker works.
 *
 * @param worker its name, unique among workers that run at the same time
 * @param slotsPerLane dispatches of one lane that may be called at the same time; while there is no
 *     room for more, other workers get them
 * @param lanes the lanes it serves
 * @param walking when it tries again, and where
 * @param timing how long its calls and leases last
 * @param breaker when it leaves a model of a provider alone
 * @param limits how calls of one model share what its provider takes
 */
public record WorkerSettings(
    String worker,
    int slotsPerLane,
    Set<Lane> lanes,
    Walking walking,
    Timing timing,
    BreakerRules breaker,
    LimitRules limits) {
  private static final int SLOTS = 256;

  /** With the usual breaker and limits. */
  public WorkerSettings(
      String worker, int slotsPerLane, Set<Lane> lanes, Walking walking, Timing timing) {
    this(worker, slotsPerLane, lanes, walking, timing, BreakerRules.DEFAULT, LimitRules.DEFAULT);
  }

  public WorkerSettings {
    if (worker.isBlank()) {
      throw new IllegalArgumentException("a worker needs a name");
    }
    if (slotsPerLane < 1) {
      throw new IllegalArgumentException("a worker needs at least one slot, not " + slotsPerLane);
    }
    if (lanes.isEmpty()) {
      throw new IllegalArgumentException("a worker needs at least one lane");
    }
    if (timing.startPatience().compareTo(TopicProvisioner.RECORD_LOCK) >= 0) {
      throw new IllegalArgumentException(
          "a worker may not take "
              + timing.startPatience()
              + " to begin a call, because Kafka lends it a dispatch for "
              + TopicProvisioner.RECORD_LOCK
              + " only: choose a shorter startPatience");
    }
    lanes = Set.copyOf(lanes);
  }

  /** The same with other limits. */
  public WorkerSettings sharing(LimitRules other) {
    return new WorkerSettings(worker, slotsPerLane, lanes, walking, timing, breaker, other);
  }

  /** A worker for all lanes with the usual numbers. */
  public static WorkerSettings named(String worker) {
    return new WorkerSettings(
        worker, SLOTS, Set.of(Lane.values()), Walking.DEFAULT, Timing.DEFAULT);
  }
}
