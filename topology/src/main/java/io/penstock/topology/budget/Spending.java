package io.penstock.topology.budget;

import io.penstock.policies.budget.Budgets;
import io.penstock.policies.budget.Ceiling;
import io.penstock.policies.budget.Pot;
import io.penstock.policies.budget.Treasury;
import io.penstock.policies.budget.Treasury.Spender;
import io.penstock.policies.budget.Treasury.Spent;
import io.penstock.policies.budget.Verdict;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.BudgetGrant;
import io.penstock.schemas.avro.BudgetQuestion;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.topology.flow.Exits;
import io.penstock.topology.flow.Pending;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * The money of one task, as its stages see it. Without budgets nothing here looks into a store.
 * Used by the stream thread only.
 */
public final class Spending {
  /** How many of each line of those who wait are looked at in one go. */
  private static final int MOST = 256;

  /** How many when one call has ended: its money is for a few, and there are many calls. */
  private static final int FEW = 8;

  /** What spending needs to know. */
  public record Laws(Budgets budgets, Ceiling ceiling) {}

  private final Laws laws;
  private final Treasury treasury;
  private final Exits exits;

  public Spending(ProcessorContext<?, ?> context, Laws laws, Exits exits) {
    this.laws = laws;
    this.exits = exits;
    this.treasury =
        new Treasury(laws.budgets(), new StoreShelf(context), context.taskId().partition());
  }

  /** A dispatch under its fingerprint. */
  public record Place(String fingerprint, String dispatchId) {
    private static Place of(String text) {
      int slash = text.indexOf('/');
      return new Place(text.substring(0, slash), text.substring(slash + 1));
    }

    @Override
    public String toString() {
      return fingerprint + "/" + dispatchId;
    }
  }

  /** A dispatch that was held back, and what becomes of it. */
  public record Ripe(Place place, Verdict verdict) {}

  /** Whether there are no budgets, and nothing of all this is needed. */
  public boolean none() {
    return laws.budgets().isEmpty();
  }

  /** Why nothing will be called for a request, if that is clear already. */
  public Optional<Failure> refusal(Pending pending, Instant now) {
    InferenceRequest request = pending.request();
    return bounded(request, now)
        ? treasury.refusal(
            spender(pending.fingerprint(), "", request),
            laws.ceiling().of(request, pending.plan(), now).orElse(null),
            now)
        : Optional.empty();
  }

  /** Whether a flight's dispatch may go to the workers now; if not it is held back. */
  public boolean handsOut(String fingerprint, Flight flight, Instant now) {
    InferenceRequest leader = flight.getLeader();
    if (!bounded(leader, now)) {
      return true;
    }
    boolean othersWait = treasury.holdsBack();
    boolean goes =
        treasury.handsOut(
            spender(fingerprint, flight.getDispatchId(), leader),
            laws.ceiling().of(leader, flight.getPlan(), now).orElse(null),
            flight.getDeadlineAt(),
            now);
    if (!goes && !othersWait) {
      ask(now);
    }
    return goes;
  }

  /** Whether a budget that a flight's calls count against must hold. */
  public boolean bounds(Flight flight, Instant now) {
    return bounded(flight.getLeader(), now);
  }

  private boolean bounded(InferenceRequest request, Instant now) {
    for (Pot pot : laws.budgets().potsOf(request.getTenant(), request.getKeyId(), now)) {
      if (pot.budget().hard()) {
        return true;
      }
    }
    return false;
  }

  /** What an attempt cost, for {@link #settle}. */
  public static Spent spent(String fingerprint, Attempt attempt, CostEvent event, boolean guessed) {
    Long pico = event.getSpentPicoUsd();
    return new Spent(
        new Spender(
            place(fingerprint, attempt.getDispatchId()), attempt.getTenant(), attempt.getKeyId()),
        attempt.getId(),
        pico == null ? null : new Money(pico),
        guessed,
        attempt.getStartedAt());
  }

  /**
   * Counts what attempts cost and lets go of what was set aside for dispatches that have ended.
   * Called before the state that says so is written: money comes free no sooner than it is counted.
   */
  public void settle(String fingerprint, Flights next, List<Spent> costs, Instant now) {
    if (none()) {
      return;
    }
    List<String> ended =
        next.getSettled().stream()
            .filter(SingleFlight::over)
            .map(settled -> place(fingerprint, settled.getDispatchId()))
            .toList();
    treasury.settle(costs, ended, now);
  }

  /** Whether a dispatch is held back for want of money. */
  public boolean holdsBack(String fingerprint, Flight flight) {
    return !none() && treasury.holdsBack(place(fingerprint, flight.getDispatchId()));
  }

  /** Whether any dispatch is held back. */
  public boolean holdsBack() {
    return !none() && treasury.holdsBack();
  }

  /** What becomes of those that were held back, where that is decided. */
  public List<Ripe> ripe(Instant now) {
    return ripe(MOST, now);
  }

  /** The same of the very first of them, after a call has ended. */
  public List<Ripe> firstRipe(Instant now) {
    return ripe(FEW, now);
  }

  private List<Ripe> ripe(int most, Instant now) {
    return treasury.ripe(most, now).stream()
        .map(ripe -> new Ripe(Place.of(ripe.place()), ripe.verdict()))
        .toList();
  }

  /** A dispatch is called for; should it be held back, a copy of it was out all the same. */
  public void begun(Place place) {
    if (!none()) {
      treasury.begun(place.toString());
    }
  }

  /** A dispatch that was held back is nobody's any more. */
  public void close(Place place, Instant now) {
    treasury.settle(List.of(), List.of(place.toString()), now);
  }

  public void granted(BudgetGrant grant) {
    treasury.granted(grant);
  }

  /** Asks for what is missing, gives back what lies idle, and tells what was spent. */
  public void ask(Instant now) {
    for (BudgetQuestion question : treasury.questions(MOST, now)) {
      exits.ask(question);
    }
  }

  /** Forgets what has ended long ago. */
  public void forget(Instant now) {
    treasury.forget(MOST, now);
  }

  /** Forgets slices of periods that have ended long ago. */
  public void tidy(Instant now) {
    treasury.tidy(now);
  }

  /** Takes over what another task, or an earlier life of this one, has left. */
  public void restored(Instant now) {
    treasury.restored(now);
  }

  /**
   * Lets go of what was set aside for dispatches that are not in flight.
   *
   * @param known whether the fingerprint has this dispatch in flight
   */
  public void reconcile(Predicate<Place> known, Instant now) {
    treasury.reconcile(place -> known.test(Place.of(place)), now);
  }

  private static Spender spender(String fingerprint, String dispatchId, InferenceRequest request) {
    return new Spender(place(fingerprint, dispatchId), request.getTenant(), request.getKeyId());
  }

  private static String place(String fingerprint, String dispatchId) {
    return new Place(fingerprint, dispatchId).toString();
  }
}
