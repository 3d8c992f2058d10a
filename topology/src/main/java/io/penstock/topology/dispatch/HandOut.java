package io.penstock.topology.dispatch;

import io.penstock.policies.batch.Windowing;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.DispatchOver;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Waiting;
import io.penstock.topology.flow.Exits;
import java.time.Instant;
import java.util.Optional;

/**
 * Hands dispatches to the workers, or to the windows in which they wait for others. Used by the
 * stream thread only.
 */
public final class HandOut {
  private final Windowing windowing;
  private final Exits exits;

  public HandOut(Windowing windowing, Exits exits) {
    this.windowing = windowing;
    this.exits = exits;
  }

  /**
   * The way of a flight's dispatch goes on.
   *
   * @param bounded whether a budget that it counts against must hold
   */
  public void give(String fingerprint, Flight flight, boolean bounded) {
    Dispatch dispatch = Dispatches.of(fingerprint, flight, bounded);
    windowOf(flight, flight.getAttempts())
        .ifPresentOrElse(
            window -> exits.windowed(window, new Waiting(dispatch, exits.now(), null)),
            () -> exits.work(dispatch));
  }

  /** Nobody waits for a flight's dispatch any more, wherever it is. */
  public void cancel(Flight flight, Instant at) {
    exits.cancel(flight, at);
    // Whatever it has seen since: it may wait there, or be under way from there.
    windowOf(flight, 0)
        .ifPresent(
            window -> exits.windowed(window, new DispatchOver(flight.getDispatchId(), false)));
  }

  /** Whether a flight's dispatch went to a window to become part of a provider's batch. */
  boolean waitsForJob(Flight flight) {
    return jobOf(flight, 0).isPresent();
  }

  /** A flight's dispatch need not wait for a job any more: it is called for elsewhere. */
  void takeOut(Flight flight) {
    jobOf(flight, 0)
        .ifPresent(
            window -> exits.windowed(window, new DispatchOver(flight.getDispatchId(), true)));
  }

  private Optional<String> windowOf(Flight flight, int attempts) {
    return jobOf(flight, attempts)
        .or(() ->
            windowing
                .placeOf(flight.getLeader(), flight.getLane(), flight.getPlan(), exits.now())
                .map(Windowing.Place::name));
  }

  private Optional<String> jobOf(Flight flight, int attempts) {
    return windowing.jobOf(
        flight.getLeader(),
        flight.getLane(),
        flight.getPlan(),
        flight.getDeadlineAt(),
        attempts,
        flight.getEmittedAt());
  }
}
