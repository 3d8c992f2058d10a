package io.penstock.policies.coalesce;

import io.penstock.policies.Reason;
import io.penstock.policies.Requests;
import io.penstock.policies.batch.JobRules;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptRenewed;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.DispatchDropped;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.Follower;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.LiveAttempt;
import io.penstock.schemas.avro.PromptCache;
import io.penstock.schemas.avro.Settled;
import io.penstock.schemas.avro.Withdrawal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The law of single flight: at most one dispatch is open per fingerprint, everyone who asks
 * meanwhile follows it, and a crash anywhere repeats outputs but pays for nothing twice.
 *
 * <p>Each method is one step: (state, what happened, now) → (next state, effects). Two rules carry
 * it over crashes (docs/decisions, 2): a second look at anything already recorded changes nothing,
 * and what is needed to repeat an output is kept for {@link Rules#keep} after it. What the clock
 * did, and no record would bring again, is done again by {@link #restored}.
 */
public record SingleFlight(Rules rules) {
  /** What a requester hears who no longer wanted to hear anything. */
  public static final Failure WITHDRAWN =
      Reason.WITHDRAWN.because("whoever asked no longer wanted the answer");

  private static final Flights NONE = new Flights(null, List.of());

  /** Reads the followers of a group; asked only when a leader fails. */
  public interface FollowersOf extends Function<String, List<Follower>> {}

  /** The state of a fingerprint that nobody has asked for. */
  public static Flights none() {
    return NONE;
  }

  /** Whether this very request is already recorded as a leader: then it needs nothing more. */
  public static boolean leads(Flights flights, InferenceRequest request) {
    Flight open = flights.getOpen();
    return (open != null && same(open.getLeader(), request))
        || flights.getSettled().stream().anyMatch(s -> same(s.getLeader(), request));
  }

  /** Whether these are one request, sent again perhaps. */
  static boolean same(@Nullable InferenceRequest known, InferenceRequest request) {
    return known != null
        && known.getId().equals(request.getId())
        && Objects.equals(known.getReplyPartition(), request.getReplyPartition());
  }

  /** The entry under which {@code request} waits for the open flight. */
  public static Follower follow(Flight open, InferenceRequest request, Lane lane) {
    boolean echo = open.getLeader().getId().equals(request.getId());
    return new Follower(Requests.withoutQuestion(request), lane, echo, null);
  }

  /**
   * A first request opens a flight.
   *
   * @param cache what the first candidate is told of its prefix cache; null for nothing
   */
  public Transition lead(
      Flights before,
      InferenceRequest leader,
      Lane lane,
      List<Candidate> plan,
      @Nullable PromptCache cache,
      Instant now) {
    if (before.getOpen() != null) {
      throw new IllegalStateException("a request that meets an open flight follows it");
    }
    return new Succession(rules).opened(before, leader, lane, plan, cache, now);
  }

  /** A worker is about to call: from here on its lease owns the call. */
  public Transition started(Flights before, AttemptStarted event, Instant now) {
    var attempt = event.getAttempt();
    LiveAttempt granted = Leases.grant(attempt, Duration.ofMillis(event.getLeaseMs()), now);
    Flight open = before.getOpen();
    if (open != null && open.getDispatchId().equals(attempt.getDispatchId())) {
      if (open.getEnded().contains(attempt.getId())
          || Leases.knows(open.getLive(), attempt.getId())) {
        return Transition.to(before);
      }
      int attempts = Math.max(open.getAttempts(), attempt.getNumber());
      return Transition.to(
          Copies.open(
              before, Copies.started(open, attempts, Leases.with(open.getLive(), granted))));
    }
    if (settled(before, attempt.getDispatchId()).isEmpty()) {
      return Transition.to(
          new Flights(open, Copies.plus(before.getSettled(), Copies.stray(attempt, granted, now))));
    }
    return Transition.to(
        Copies.settled(
            before,
            s ->
                !s.getDispatchId().equals(attempt.getDispatchId())
                        || s.getEnded().contains(attempt.getId())
                    ? s
                    : Copies.live(s, Leases.with(s.getLive(), granted), s.getEnded())));
  }

  /** A worker still holds its call. */
  public Transition renewed(Flights before, AttemptRenewed event, Instant now) {
    Duration lease = Duration.ofMillis(event.getLeaseMs());
    return Transition.to(
        changeLive(before, live -> Leases.renewed(live, event.getAttemptId(), lease, now)));
  }

  /**
   * An attempt ended. The first answer to an open flight wins, whoever brings it; a failure ends
   * the flight only when nobody else is still trying. The failure of an attempt that was given up
   * before changes nothing but the account: the dispatch is in other hands.
   *
   * @param cost what the attempt cost; null where that is unknown
   */
  public Transition ended(
      Flights before,
      AttemptEnded event,
      @Nullable Money cost,
      FollowersOf followers,
      Instant now) {
    String attemptId = event.getAttempt().getId();
    String dispatchId = event.getAttempt().getDispatchId();
    Flight open = before.getOpen();
    if (open == null || !open.getDispatchId().equals(dispatchId)) {
      return endedAfterwards(before, event);
    }
    if (open.getEnded().contains(attemptId)) {
      return Transition.to(before);
    }
    Flight rest =
        Copies.live(
            open,
            Leases.without(open.getLive(), attemptId),
            Copies.plus(open.getEnded(), attemptId),
            sum(open.getSpentPicoUsd(), cost));
    if (event.getOutcome() instanceof Answer) {
      Settled settled = Copies.settled(rest, attemptId, null, false, now);
      return Transition.to(
          Copies.closed(before, settled),
          new Effect.Release(settled, new Effect.Outcome.Answered(event)));
    }
    if (givenUp(open, event.getAttempt())) {
      return Transition.to(Copies.open(before, rest));
    }
    Long retryAfterMs = event.getRetryAfterMs();
    if (retryAfterMs != null) {
      Instant retryBy = now.plusMillis(retryAfterMs).plus(rules.retryGrace());
      return Transition.to(Copies.open(before, Copies.retrying(rest, retryBy)));
    }
    if (Leases.tried(rest)) {
      return Transition.to(Copies.open(before, rest));
    }
    return new Succession(rules)
        .failed(before, rest, attemptId, (Failure) event.getOutcome(), followers, now);
  }

  /** A sum with an unknown part is unknown: what is known of it would read as all of it. */
  private static @Nullable Long sum(@Nullable Long spentPicoUsd, @Nullable Money cost) {
    return spentPicoUsd == null || cost == null ? null : new Money(spentPicoUsd).plus(cost).pico();
  }

  /** Whether an attempt's lease was lost, so that {@link #due} saw to the flight without it. */
  private static boolean givenUp(Flight open, Attempt attempt) {
    return !Leases.holds(open.getLive(), attempt.getId())
        && attempt.getNumber() <= open.getAttempts();
  }

  private Transition endedAfterwards(Flights before, AttemptEnded event) {
    String attemptId = event.getAttempt().getId();
    Flights next =
        Copies.settled(
            before,
            s ->
                s.getDispatchId().equals(event.getAttempt().getDispatchId())
                    ? Copies.live(
                        s,
                        Leases.without(s.getLive(), attemptId),
                        s.getEnded().contains(attemptId)
                            ? s.getEnded()
                            : Copies.plus(s.getEnded(), attemptId))
                    : s);
    // The record that settled a dispatch is seen again only after a crash: say the same again.
    List<Effect> again =
        next.getSettled().stream()
            .filter(s -> attemptId.equals(s.getSettledBy()))
            .<Effect>map(s -> new Effect.Release(s, outcome(event)))
            .toList();
    return new Transition(next, again);
  }

  /** A worker took the dispatch and called nobody. */
  public Transition dropped(
      Flights before, DispatchDropped event, FollowersOf followers, Instant now) {
    String by = "dropped:" + event.getDispatchId();
    Flight open = before.getOpen();
    if (open != null && open.getDispatchId().equals(event.getDispatchId())) {
      // Whoever waited to call again may be the one that was cancelled.
      boolean cancelled = event.getFailure().getCode().equals(Reason.WITHDRAWN.code());
      return (cancelled ? Leases.anyHeld(open.getLive()) : Leases.tried(open))
          ? Transition.to(before)
          : new Succession(rules).failed(before, open, by, event.getFailure(), followers, now);
    }
    // The dispatch may have been out twice and dropped twice: the first reason stands.
    return new Transition(
        before,
        before.getSettled().stream()
            .filter(s -> by.equals(s.getSettledBy()))
            .flatMap(Succession::failureAgain)
            .toList());
  }

  /**
   * A dispatch that was held back, for want of money, may go out now. Nothing happens if it is not
   * the open one any more, or if somebody calls for it all the same.
   */
  public Transition handedOut(Flights before, String dispatchId, Instant now) {
    Flight open = before.getOpen();
    if (open == null || !heldBack(open, dispatchId)) {
      return Transition.to(before);
    }
    Flight again = Copies.emitted(open, now);
    return Transition.to(Copies.open(before, again), new Effect.Emit(again));
  }

  /** A dispatch that was held back will not go out. Of that no record tells again. */
  public Transition refused(
      Flights before, String dispatchId, Failure failure, FollowersOf followers, Instant now) {
    Flight open = before.getOpen();
    return open != null && heldBack(open, dispatchId)
        ? new Succession(rules).failed(before, open, null, failure, followers, now)
        : Transition.to(before);
  }

  private static boolean heldBack(Flight open, String dispatchId) {
    return open.getDispatchId().equals(dispatchId) && !Leases.tried(open);
  }

  /** Whether whoever asks on a lane follows a flight on a slower one. */
  public static boolean slower(Flight open, Lane lane) {
    return open.getLane().compareTo(lane) > 0;
  }

  /**
   * Somebody on a faster lane follows a flight that may wait for hours: it is dispatched again on
   * that lane, unless a worker is calling for it.
   */
  public Transition hurried(Flights before, Lane lane, Instant now) {
    Flight open = before.getOpen();
    if (open == null
        || !slower(open, lane)
        || open.getRetryBy() != null
        || open.getLive().stream().anyMatch(SingleFlight::called)) {
      return Transition.to(before);
    }
    Flight again = Copies.hurried(open, lane, now);
    return Transition.to(Copies.open(before, again), new Effect.Emit(again));
  }

  /** Whether an attempt is a call of its own, not a line in somebody's batch. */
  private static boolean called(LiveAttempt live) {
    return !JobRules.TIER.equals(live.getAttempt().getServiceTier());
  }

  /** Somebody no longer wants an answer: whoever nobody waits for is not called for either. */
  public Transition withdrawn(Flights before, Withdrawal event, FollowersOf followers) {
    return Withdrawing.withdrawn(before, event, followers);
  }

  /** Time passed: lost leases, lost dispatches, missed deadlines, and what may be forgotten. */
  public Transition due(Flights before, FollowersOf followers, Instant now) {
    return new Watch(rules).due(before, followers, now);
  }

  /**
   * A task takes over this state, after a crash or a move. Meanwhile nothing was read, so the clock
   * has judged nobody fairly: whatever it waits for gets at least {@link Rules#startGrace} from
   * now, and what is kept for a repeat is kept from now on.
   *
   * @param crashedAt no later than the crash: the newest instant in the task's state
   * @param handedOut whether a flight's latest dispatch is on the log; asked only where it may have
   *     been lost in the crash
   */
  public Transition restored(
      Flights before, Instant crashedAt, Predicate<Flight> handedOut, Instant now) {
    return new Watch(rules).restored(before, crashedAt, handedOut, now);
  }

  /** The groups whose followers this state still needs. */
  public static Set<String> groups(Flights flights) {
    Stream<String> settled = flights.getSettled().stream().map(Settled::getGroup);
    Flight open = flights.getOpen();
    return Stream.concat(settled, Stream.ofNullable(open).map(Flight::getGroup))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether nobody calls any more for a dispatch that has ended. */
  public static boolean over(Settled settled) {
    return !Leases.anyHeld(settled.getLive());
  }

  /** The newest instant that this state has seen. */
  public static Instant newest(Flights flights) {
    Flight open = flights.getOpen();
    Instant newest = open == null ? Instant.EPOCH : open.getEmittedAt();
    for (Settled s : flights.getSettled()) {
      newest = s.getSettledAt().isAfter(newest) ? s.getSettledAt() : newest;
    }
    return newest;
  }

  /** When {@link #due} next has something to do. */
  public Optional<Instant> nextDue(Flights flights) {
    return new Watch(rules).nextDue(flights);
  }

  private static Effect.Outcome outcome(AttemptEnded event) {
    return event.getOutcome() instanceof Failure failure
        ? new Effect.Outcome.Failed(failure)
        : new Effect.Outcome.Answered(event);
  }

  private static Optional<Settled> settled(Flights flights, String dispatchId) {
    return flights.getSettled().stream()
        .filter(s -> s.getDispatchId().equals(dispatchId))
        .findFirst();
  }

  private static Flights changeLive(
      Flights flights, Function<List<LiveAttempt>, List<LiveAttempt>> change) {
    Flight open = flights.getOpen();
    Flights settled =
        Copies.settled(flights, s -> Copies.live(s, change.apply(s.getLive()), s.getEnded()));
    return open == null
        ? settled
        : Copies.open(
            settled,
            Copies.live(
                open, change.apply(open.getLive()), open.getEnded(), open.getSpentPicoUsd()));
  }
}
