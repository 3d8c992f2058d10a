package io.penstock.policies.coalesce;

import io.penstock.policies.Reason;
import io.penstock.policies.Requests;
import io.penstock.policies.coalesce.SingleFlight.FollowersOf;
import io.penstock.policies.exactcache.Freshness;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.Follower;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.PromptCache;
import io.penstock.schemas.avro.Settled;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Who leads: the first to ask, and after a failure that may pass the next in line. */
record Succession(Rules rules) {
  /** That one leader ran out of time says nothing about those who have more. */
  private static final Set<String> BLAMELESS =
      Set.of(Reason.DEADLINE_EXCEEDED.code(), Reason.BUDGET_BUSY.code());

  /** Another key may have a budget of its own. */
  private static final Set<String> OF_A_KEY =
      Set.of(Reason.BUDGET_EXHAUSTED.code(), Reason.PRICE_UNKNOWN.code());

  /** A first request opens a flight, and a group to follow it in. */
  Transition opened(
      Flights before,
      InferenceRequest leader,
      Lane lane,
      List<Candidate> plan,
      @Nullable PromptCache cache,
      Instant now) {
    String id = dispatchId(before, leader);
    Flight flight = opened(leader, id, id, lane, plan, cache, 0, now);
    return Transition.to(Copies.open(before, flight), new Effect.Emit(flight));
  }

  /**
   * A flight ends without an answer: its failure is everyone's, or its leader's alone while the
   * next in line takes over.
   *
   * @param by the attempt or the drop that ended it; null when the clock did
   */
  Transition failed(
      Flights before,
      Flight flight,
      @Nullable String by,
      Failure failure,
      FollowersOf followers,
      Instant now) {
    boolean itsOwn = concernsItsLeaderOnly(failure);
    int handovers =
        flight.getHandovers() + (itsOwn || BLAMELESS.contains(failure.getCode()) ? 0 : 1);
    Optional<Follower> next =
        (failure.getRetryable() || itsOwn) && handovers <= rules.maxHandovers()
            ? successor(flight, failure, followers.apply(flight.getGroup()), now)
            : Optional.empty();
    Settled settled = Copies.settled(flight, by, failure, next.isPresent(), now);
    Flights closed = Copies.closed(before, settled);
    var release = new Effect.Release(settled, new Effect.Outcome.Failed(failure));
    if (next.isEmpty()) {
      return Transition.to(closed, release);
    }
    Follower follower = next.get();
    InferenceRequest leader = Requests.withQuestionOf(follower.getRequest(), flight.getLeader());
    Flight handed =
        opened(
            leader,
            dispatchId(closed, leader),
            flight.getGroup(),
            follower.getLane(),
            flight.getPlan(),
            flight.getPromptCache(),
            handovers,
            now);
    return Transition.to(
        Copies.open(closed, handed),
        release,
        new Effect.Promote(flight.getGroup(), follower),
        new Effect.Emit(handed));
  }

  private static boolean concernsItsLeaderOnly(Failure failure) {
    return failure.getCode().equals(Reason.WITHDRAWN.code())
        || OF_A_KEY.contains(failure.getCode());
  }

  /** Whether a leader's failure says something about a follower that asks the same. */
  static boolean concerns(Failure failure, InferenceRequest leader, InferenceRequest follower) {
    return !concernsItsLeaderOnly(failure)
        || (OF_A_KEY.contains(failure.getCode())
            && Objects.equals(leader.getKeyId(), follower.getKeyId()));
  }

  private static Optional<Follower> successor(
      Flight flight, Failure failure, List<Follower> followers, Instant now) {
    InferenceRequest failed = flight.getLeader();
    boolean itsOwn = concernsItsLeaderOnly(failure);
    return followers.stream()
        .filter(f -> Withdrawing.waits(f) && !f.getRequest().getId().equals(failed.getId()))
        .filter(f -> !itsOwn || !concerns(failure, failed, f.getRequest()))
        .filter(f -> !Leases.over(f.getRequest().getDeadlineAt(), now))
        .filter(f -> !Freshness.onlyIfCached(f.getRequest()))
        .min(
            Comparator.comparing((Follower f) -> acceptedAt(f.getRequest(), now))
                .thenComparing(f -> f.getRequest().getId()));
  }

  private static Instant acceptedAt(InferenceRequest request, Instant otherwise) {
    Instant acceptedAt = request.getAcceptedAt();
    return acceptedAt == null ? otherwise : acceptedAt;
  }

  private static Flight opened(
      InferenceRequest leader,
      String dispatchId,
      String group,
      Lane lane,
      List<Candidate> plan,
      @Nullable PromptCache cache,
      int handovers,
      Instant now) {
    Instant deadlineAt = leader.getDeadlineAt();
    if (deadlineAt == null) {
      throw new IllegalArgumentException("an admitted request has a deadline");
    }
    return new Flight(
        dispatchId,
        group,
        leader,
        lane,
        plan,
        deadlineAt,
        now,
        null,
        0,
        handovers,
        List.of(),
        null,
        0L,
        List.of(),
        cache,
        null,
        null);
  }

  /**
   * The leader's id, and a count when it leads again while its last dispatch is remembered: what is
   * heard of that one, and the forgetting of its group, must not touch the new one.
   */
  private static String dispatchId(Flights known, InferenceRequest leader) {
    String first = "d-" + leader.getId();
    String id = first;
    for (int again = 2; remembered(known, id); again++) {
      id = first + "~" + again;
    }
    return id;
  }

  private static boolean remembered(Flights known, String id) {
    return known.getSettled().stream()
        .anyMatch(s -> s.getDispatchId().equals(id) || s.getGroup().equals(id));
  }

  /** What a flight that failed told its requesters, once more. */
  static Stream<Effect> failureAgain(Settled settled) {
    Failure failure = settled.getFailure();
    return failure == null
        ? Stream.empty()
        : Stream.of(new Effect.Release(settled, new Effect.Outcome.Failed(failure)));
  }
}
