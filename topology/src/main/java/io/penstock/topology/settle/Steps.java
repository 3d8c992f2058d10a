package io.penstock.topology.settle;

import io.penstock.policies.budget.Treasury.Spent;
import io.penstock.policies.coalesce.Effect;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.coalesce.Transition;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.DispatchOver;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Flights;
import io.penstock.topology.budget.Spending;
import io.penstock.topology.coalesce.InFlight;
import io.penstock.topology.dispatch.HandOut;
import io.penstock.topology.flow.Exits;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.processor.api.ProcessingContext;

/**
 * Writes what the law decided, and then carries it out. What calls cost is counted before: money
 * that was set aside comes free no sooner. Used by the stream thread only.
 */
final class Steps {
  private final SingleFlight law;
  private final InFlight inFlight;
  private final Exits exits;
  private final CostEvents costEvents;
  private final Release release;
  private final Spending spending;
  private final HandOut handOut;

  private Steps(
      SingleFlight law,
      InFlight inFlight,
      Exits exits,
      CostEvents costEvents,
      Release release,
      Spending spending,
      HandOut handOut) {
    this.law = law;
    this.inFlight = inFlight;
    this.exits = exits;
    this.costEvents = costEvents;
    this.release = release;
    this.spending = spending;
    this.handOut = handOut;
  }

  static Steps of(
      ProcessingContext context,
      Settle.Laws laws,
      InFlight inFlight,
      Exits exits,
      Spending spending) {
    return new Steps(
        laws.singleFlight(),
        inFlight,
        exits,
        new CostEvents(laws.costing()),
        new Release(context, laws, inFlight, exits),
        spending,
        new HandOut(laws.windowing(), exits));
  }

  CostEvents costEvents() {
    return costEvents;
  }

  void take(String fingerprint, Flights before, Transition step) {
    take(fingerprint, before, step, List.of());
  }

  /**
   * @param costs what ended attempts cost; those that are written off come to them
   */
  void take(String fingerprint, Flights before, Transition step, List<Spent> costs) {
    var all = new ArrayList<>(costs);
    var writtenOff = new ArrayList<CostEvent>();
    for (Effect effect : step.effects()) {
      if (effect instanceof Effect.WriteOff(Attempt attempt)) {
        CostEvent event = costEvents.orphaned(attempt);
        writtenOff.add(event);
        all.add(Spending.spent(fingerprint, attempt, event, true));
      }
    }
    spending.settle(fingerprint, step.next(), all, exits.now());
    inFlight.write(fingerprint, before, step);
    writtenOff.forEach(exits::cost);
    for (Effect effect : step.effects()) {
      carryOut(fingerprint, effect);
    }
  }

  private void carryOut(String fingerprint, Effect effect) {
    switch (effect) {
      case Effect.Emit(var flight) -> {
        if (spending.handsOut(fingerprint, flight, exits.now())) {
          handOut.give(fingerprint, flight, spending.bounds(flight, exits.now()));
        }
      }
      case Effect.Release answered -> release.release(fingerprint, answered);
      case Effect.WriteOff(var attempt) -> over(attempt, false); // Its cost has been told.
      case Effect.Promote promote -> inFlight.promote(fingerprint, promote);
      case Effect.Forget(var group) -> inFlight.forget(fingerprint, group);
      case Effect.Cancel cancel -> cancel(fingerprint, cancel);
      case Effect.Dismiss(var group, var follower) -> {
        inFlight.follow(fingerprint, group, follower);
        release.dismiss(fingerprint, follower);
      }
    }
  }

  private void cancel(String fingerprint, Effect.Cancel cancel) {
    Flight flight = cancel.flight();
    if (!spending.holdsBack(fingerprint, flight)) {
      handOut.cancel(flight, cancel.at());
      return;
    }
    Flights before = inFlight.of(fingerprint);
    Transition step =
        law.refused(
            before,
            flight.getDispatchId(),
            SingleFlight.WITHDRAWN,
            followersAt(fingerprint),
            exits.now());
    if (step.effects().isEmpty()) {
      // A copy of it is being called all the same: that worker must hear of it.
      spending.begun(new Spending.Place(fingerprint, flight.getDispatchId()));
      handOut.cancel(flight, cancel.at());
    } else {
      // No worker has it, so none would say that it ended.
      take(fingerprint, before, step);
    }
  }

  /** Whoever waits for the answer to begin need not wait any longer. */
  void over(Attempt attempt, boolean answered) {
    String window = attempt.getWindow();
    if (window != null) {
      exits.windowed(window, new DispatchOver(attempt.getDispatchId(), answered));
    }
  }

  SingleFlight.FollowersOf followersAt(String fingerprint) {
    return group -> inFlight.followers(fingerprint, group);
  }
}
