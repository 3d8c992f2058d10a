package io.penstock.policies.coalesce;

import io.penstock.policies.Requests;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.Follower;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.LiveAttempt;
import io.penstock.schemas.avro.Settled;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Copies of in-flight state with one thing changed; each record's fields are named once here. */
final class Copies {
  private Copies() {}

  static Flight live(Flight f, List<LiveAttempt> live, List<String> ended, @Nullable Long spent) {
    return flight(
        f, f.getEmittedAt(), f.getStartBy(), f.getAttempts(), live, f.getRetryBy(), spent, ended);
  }

  static Flight started(Flight f, int attempts, List<LiveAttempt> live) {
    return flight(
        f, f.getEmittedAt(), null, attempts, live, null, f.getSpentPicoUsd(), f.getEnded());
  }

  static Flight retrying(Flight f, Instant retryBy) {
    return flight(
        f,
        f.getEmittedAt(),
        null,
        f.getAttempts(),
        f.getLive(),
        retryBy,
        f.getSpentPicoUsd(),
        f.getEnded());
  }

  static Flight emitted(Flight f, Instant now) {
    return flight(
        f, now, null, f.getAttempts(), f.getLive(), null, f.getSpentPicoUsd(), f.getEnded());
  }

  /** Handed out once more, on a faster lane. */
  static Flight hurried(Flight f, Lane lane, Instant now) {
    return new Flight(
        f.getDispatchId(),
        f.getGroup(),
        f.getLeader(),
        lane,
        f.getPlan(),
        f.getDeadlineAt(),
        now,
        null,
        f.getAttempts(),
        f.getHandovers(),
        f.getLive(),
        f.getRetryBy(),
        f.getSpentPicoUsd(),
        f.getEnded(),
        f.getPromptCache(),
        f.getReservedPicoUsd(),
        f.getWithdrawnAt());
  }

  static Flight swept(Flight f, List<LiveAttempt> live, @Nullable Instant retryBy) {
    return resumed(f, f.getStartBy(), live, retryBy);
  }

  static Flight resumed(
      Flight f, @Nullable Instant startBy, List<LiveAttempt> live, @Nullable Instant retryBy) {
    return flight(
        f,
        f.getEmittedAt(),
        startBy,
        f.getAttempts(),
        live,
        retryBy,
        f.getSpentPicoUsd(),
        f.getEnded());
  }

  /** Its leader no longer wants the answer. */
  static Flight withdrawn(Flight f, Instant at) {
    return new Flight(
        f.getDispatchId(),
        f.getGroup(),
        f.getLeader(),
        f.getLane(),
        f.getPlan(),
        f.getDeadlineAt(),
        f.getEmittedAt(),
        f.getStartBy(),
        f.getAttempts(),
        f.getHandovers(),
        f.getLive(),
        f.getRetryBy(),
        f.getSpentPicoUsd(),
        f.getEnded(),
        f.getPromptCache(),
        f.getReservedPicoUsd(),
        at);
  }

  static Follower withdrawn(Follower f, Instant at) {
    return new Follower(f.getRequest(), f.getLane(), f.getEcho(), at);
  }

  private static Flight flight(
      Flight f,
      Instant emittedAt,
      @Nullable Instant startBy,
      int attempts,
      List<LiveAttempt> live,
      @Nullable Instant retryBy,
      @Nullable Long spent,
      List<String> ended) {
    return new Flight(
        f.getDispatchId(),
        f.getGroup(),
        f.getLeader(),
        f.getLane(),
        f.getPlan(),
        f.getDeadlineAt(),
        emittedAt,
        startBy,
        attempts,
        f.getHandovers(),
        live,
        retryBy,
        spent,
        ended,
        f.getPromptCache(),
        f.getReservedPicoUsd(),
        f.getWithdrawnAt());
  }

  static Settled settled(
      Flight f, @Nullable String by, @Nullable Failure failure, boolean alone, Instant now) {
    return new Settled(
        f.getDispatchId(),
        f.getGroup(),
        by,
        failure,
        alone,
        Requests.addressOf(f.getLeader()),
        f.getLane(),
        now,
        now,
        f.getLive(),
        f.getSpentPicoUsd(),
        f.getEnded(),
        f.getReservedPicoUsd());
  }

  /** An attempt that no flight knows: kept only until it is accounted for. */
  static Settled stray(Attempt attempt, LiveAttempt live, Instant now) {
    return new Settled(
        attempt.getDispatchId(),
        attempt.getDispatchId(),
        null,
        null,
        true,
        null,
        attempt.getLane(),
        now,
        now,
        List.of(live),
        0L,
        List.of(),
        null);
  }

  static Settled live(Settled s, List<LiveAttempt> live, List<String> ended) {
    return settled(s, s.getSettledAt(), live, ended);
  }

  /** Kept as if it had just been settled. */
  static Settled resumed(Settled s, List<LiveAttempt> live, Instant now) {
    return settled(s, now, live, s.getEnded());
  }

  private static Settled settled(
      Settled s, Instant settledAt, List<LiveAttempt> live, List<String> ended) {
    return new Settled(
        s.getDispatchId(),
        s.getGroup(),
        s.getSettledBy(),
        s.getFailure(),
        s.getAlone(),
        s.getLeader(),
        s.getLane(),
        settledAt,
        s.getEndedAt(),
        live,
        s.getSpentPicoUsd(),
        ended,
        s.getReservedPicoUsd());
  }

  static Flights open(Flights flights, Flight open) {
    return new Flights(open, flights.getSettled());
  }

  static Flights closed(Flights flights, Settled settled) {
    return new Flights(null, plus(flights.getSettled(), settled));
  }

  static Flights settled(Flights flights, UnaryOperator<Settled> change) {
    return new Flights(flights.getOpen(), flights.getSettled().stream().map(change).toList());
  }

  static <T> List<T> plus(List<T> list, T element) {
    var longer = new ArrayList<T>(list);
    longer.add(element);
    return longer;
  }
}
