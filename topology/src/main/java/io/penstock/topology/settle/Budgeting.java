package io.penstock.topology.settle;

import io.penstock.policies.budget.Verdict;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.coalesce.Transition;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Flights;
import io.penstock.topology.budget.Spending;
import io.penstock.topology.coalesce.InFlight;
import java.time.Instant;
import java.util.List;

/** Sees to dispatches that are held back for want of money. Used by the stream thread only. */
final class Budgeting {
  private final SingleFlight law;
  private final InFlight inFlight;
  private final Steps steps;
  private final Spending spending;

  Budgeting(SingleFlight law, InFlight inFlight, Steps steps, Spending spending) {
    this.law = law;
    this.inFlight = inFlight;
    this.steps = steps;
    this.spending = spending;
  }

  /** Hands out what is paid for by now, and refuses what never will be. */
  void look(Instant now) {
    if (spending.holdsBack()) {
      see(spending.ripe(now), now);
    }
  }

  /** Does so for the first who wait, now that a call has ended: what came free is for them. */
  void ended(Instant now) {
    if (spending.holdsBack()) {
      see(spending.firstRipe(now), now);
    }
  }

  private void see(List<Spending.Ripe> all, Instant now) {
    for (Spending.Ripe ripe : all) {
      Spending.Place place = ripe.place();
      Flights before = inFlight.of(place.fingerprint());
      Flight open = before.getOpen();
      if (open == null || !open.getDispatchId().equals(place.dispatchId())) {
        spending.close(place, now);
        continue;
      }
      Transition step =
          switch (ripe.verdict()) {
            case Verdict.Go _ -> law.handedOut(before, place.dispatchId(), now);
            case Verdict.Refused(var failure) ->
                law.refused(
                    before,
                    place.dispatchId(),
                    failure,
                    steps.followersAt(place.fingerprint()),
                    now);
            case Verdict.Wait _ ->
                throw new IllegalStateException("nothing is decided about " + place);
          };
      if (step.effects().isEmpty()) {
        spending.begun(place); // Somebody calls for it all the same.
      }
      steps.take(place.fingerprint(), before, step);
    }
  }

  /** Lets go of what was set aside for dispatches that a crash left without a flight. */
  void reconcile(Instant now) {
    spending.reconcile(
        place -> {
          Flights known = inFlight.of(place.fingerprint());
          Flight open = known.getOpen();
          return (open != null && open.getDispatchId().equals(place.dispatchId()))
              || known.getSettled().stream()
                  .anyMatch(
                      s -> s.getDispatchId().equals(place.dispatchId()) && !SingleFlight.over(s));
        },
        now);
  }
}
