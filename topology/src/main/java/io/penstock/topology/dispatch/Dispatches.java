package io.penstock.topology.dispatch;

import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.Flight;
import java.util.List;

/** Flights as workers see them. */
public final class Dispatches {
  private Dispatches() {}

  /**
   * The dispatch of a flight, numbered on from the attempts it has seen.
   *
   * @param bounded whether a budget that it counts against must hold
   */
  public static Dispatch of(String fingerprint, Flight flight, boolean bounded) {
    return new Dispatch(
        flight.getDispatchId(),
        fingerprint,
        flight.getLane(),
        flight.getAttempts() + 1,
        flight.getPlan(),
        flight.getDeadlineAt(),
        List.of(flight.getLeader()),
        flight.getPromptCache(),
        bounded,
        null);
  }
}
