package io.penstock.policies.calling;

import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How long calls and leases last.
 *
 * @param lateGrace how long after the requester's deadline a call already paid for may still bring
 *     its answer, which the requester then finds by id
 * @param longestCall bound on any call
 * @param startPatience how long a worker may take to make an attempt known and begin it; then it
 *     gives up. Together with the time that news of a start may take, it is no longer than the
 *     topology waits for an announced attempt, and shorter than Kafka lends a dispatch: whoever
 *     takes over must be the only one who calls
 * @param leases length of a worker's lease on a call, by lane
 */
public record Timing(
    Duration lateGrace, Duration longestCall, Duration startPatience, Map<Lane, Duration> leases) {

  // One renewal may be late and the next still in time.
  private static final int RENEWALS_PER_LEASE = 3;

  public static final Timing DEFAULT =
      new Timing(
          Duration.ofSeconds(10),
          Duration.ofMinutes(10),
          Duration.ofSeconds(3),
          Map.of(
              Lane.EXPRESS, Duration.ofSeconds(6),
              Lane.STANDARD, Duration.ofSeconds(12),
              Lane.BATCH, Duration.ofMinutes(1)));

  public Timing {
    if (!startPatience.isPositive()) {
      throw new IllegalArgumentException("startPatience must be positive, not " + startPatience);
    }
    leases = Map.copyOf(leases);
    for (Lane lane : Lane.values()) {
      Duration lease = leases.get(lane);
      if (lease == null || !lease.isPositive()) {
        throw new IllegalArgumentException("no lease for the lane " + lane);
      }
    }
  }

  /** The call's time limit, or empty when the deadline has passed and nothing may be called. */
  public Optional<Duration> callTimeout(Instant deadlineAt, Instant now) {
    if (!now.isBefore(deadlineAt)) {
      return Optional.empty();
    }
    Duration patience = Duration.between(now, deadlineAt).plus(lateGrace);
    return Optional.of(patience.compareTo(longestCall) < 0 ? patience : longestCall);
  }

  public Duration lease(Lane lane) {
    return Objects.requireNonNull(leases.get(lane));
  }

  /** How often a lease is renewed while a call lasts. */
  public Duration renewEvery(Lane lane) {
    return lease(lane).dividedBy(RENEWALS_PER_LEASE);
  }
}
