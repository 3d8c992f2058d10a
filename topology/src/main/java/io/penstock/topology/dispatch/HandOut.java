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
    placeOf(flight)
        .ifPresentOrElse(
            place -> exits.windowed(place.name(), new Waiting(dispatch, exits.now(), null)),
            () -> exits.work(dispatch));
  }

  /** Nobody waits for a flight's dispatch any more, wherever it is. */
  public void cancel(Flight flight, Instant at) {
    exits.cancel(flight, at);
    placeOf(flight)
        .ifPresent(
            place -> exits.windowed(place.name(), new DispatchOver(flight.getDispatchId(), false)));
  }

  private Optional<Windowing.Place> placeOf(Flight flight) {
    return windowing.placeOf(flight.getLeader(), flight.getLane(), flight.getPlan(), exits.now());
  }
}
