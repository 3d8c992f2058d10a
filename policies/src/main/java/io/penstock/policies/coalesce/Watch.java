package io.penstock.policies.coalesce;

import io.penstock.policies.Reason;
import io.penstock.policies.coalesce.SingleFlight.FollowersOf;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.Settled;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What the clock causes, and what it may not judge after a time in which nothing was read. */
record Watch(Rules rules) {
  static final Failure DEADLINE =
      Reason.DEADLINE_EXCEEDED.because("the deadline passed before any worker could begin");
  private static final Failure LOST =
      Reason.WORKERS_LOST.because("every worker that called a provider for this request vanished");

  Transition due(Flights before, FollowersOf followers, Instant now) {
    var effects = new ArrayList<Effect>();
    Flight open = before.getOpen();
    if (open != null) {
      Leases.lost(open.getLive(), now).forEach(a -> effects.add(new Effect.WriteOff(a)));
    }
    for (Settled s : before.getSettled()) {
      Leases.lost(s.getLive(), now).forEach(a -> effects.add(new Effect.WriteOff(a)));
      if (forgettable(s, now) && !s.getAlone()) {
        effects.add(new Effect.Forget(s.getGroup()));
      }
    }
    List<Settled> kept =
        before.getSettled().stream()
            .filter(s -> !forgettable(s, now))
            .map(s -> Copies.live(s, Leases.swept(s.getLive(), rules.keep(), now), s.getEnded()))
            .toList();
    Flights swept = new Flights(open, kept);
    if (open != null) {
      Transition step = dueOpen(swept, open, followers, now);
      effects.addAll(step.effects());
      swept = step.next();
    }
    return new Transition(swept, effects);
  }

  private Transition dueOpen(Flights before, Flight open, FollowersOf followers, Instant now) {
    boolean waited = Leases.over(open.getRetryBy(), now);
    boolean lost = waited || !Leases.lost(open.getLive(), now).isEmpty();
    Flight rest =
        Copies.swept(
            open,
            Leases.swept(open.getLive(), rules.keep(), now),
            waited ? null : open.getRetryBy());
    if (Leases.tried(rest) || (!lost && now.isBefore(judgedAt(rest)))) {
      return Transition.to(Copies.open(before, rest));
    }
    if (rest.getWithdrawnAt() != null) {
      return new Succession(rules)
          .failed(before, rest, null, SingleFlight.WITHDRAWN, followers, now);
    }
    if (Leases.over(rest.getDeadlineAt(), now)) {
      return new Succession(rules).failed(before, rest, null, DEADLINE, followers, now);
    }
    if (lost && rest.getAttempts() >= rules.maxAttempts()) {
      return new Succession(rules).failed(before, rest, null, LOST, followers, now);
    }
    Flight again = Copies.emitted(rest, now);
    return Transition.to(Copies.open(before, again), new Effect.Emit(again));
  }

  /**
   * When the clock judges a flight that nobody tries. A worker may begin until the deadline, and
   * the news of it needs a while: to judge before it comes would be to call for the next in line
   * while the leader's call runs.
   */
  private Instant judgedAt(Flight open) {
    Instant deadlineAt = open.getDeadlineAt();
    Instant startBy = open.getStartBy();
    Instant heardOf = deadlineAt.plus(rules.startGrace());
    if (startBy == null) {
      return heardOf;
    }
    return startBy.isBefore(deadlineAt) ? startBy : Leases.later(startBy, heardOf);
  }

  Transition restored(Flights before, Instant crashedAt, Predicate<Flight> handedOut, Instant now) {
    Instant patience = now.plus(rules.startGrace());
    var effects = new ArrayList<Effect>();
    for (Settled s : before.getSettled()) {
      if (s.getSettledBy() == null) {
        Succession.failureAgain(s).forEach(effects::add);
      }
      Leases.orphaned(s.getLive()).forEach(a -> effects.add(new Effect.WriteOff(a)));
    }
    Flights next =
        Copies.settled(
            before, s -> Copies.resumed(s, Leases.resumed(s.getLive(), patience, now), now));
    Flight open = before.getOpen();
    if (open == null) {
      return new Transition(next, effects);
    }
    Leases.orphaned(open.getLive()).forEach(a -> effects.add(new Effect.WriteOff(a)));
    Flight resumed =
        Copies.resumed(
            open,
            suspect(open, crashedAt, handedOut, now) ? patience : null,
            Leases.resumed(open.getLive(), patience, now),
            open.getRetryBy() == null ? null : Leases.later(open.getRetryBy(), patience));
    return new Transition(Copies.open(next, resumed), effects);
  }

  /** Whether the flight's dispatch may be lost, or its deadline passed while nothing was read. */
  private boolean suspect(
      Flight open, Instant crashedAt, Predicate<Flight> handedOut, Instant now) {
    if (Leases.tried(open) || open.getEmittedAt().isAfter(crashedAt)) {
      return false; // In a worker's hands, or handed out by this task itself.
    }
    boolean recent =
        open.getStartBy() != null || !open.getEmittedAt().isBefore(crashedAt.minus(rules.keep()));
    return Leases.over(open.getDeadlineAt(), now) || (recent && !handedOut.test(open));
  }

  Optional<Instant> nextDue(Flights flights) {
    var dues = new ArrayList<@Nullable Instant>();
    Flight open = flights.getOpen();
    if (open != null) {
      dues.add(Leases.nextDue(open.getLive(), rules.keep()));
      dues.add(open.getRetryBy());
      if (!Leases.tried(open)) {
        dues.add(judgedAt(open));
      }
    }
    for (Settled s : flights.getSettled()) {
      dues.add(Leases.nextDue(s.getLive(), rules.keep()));
      if (s.getLive().isEmpty()) {
        dues.add(s.getSettledAt().plus(rules.keep()));
      }
    }
    return dues.stream().filter(Objects::nonNull).min(Comparator.naturalOrder());
  }

  private boolean forgettable(Settled settled, Instant now) {
    return settled.getLive().isEmpty()
        && Leases.over(settled.getSettledAt().plus(rules.keep()), now);
  }
}
