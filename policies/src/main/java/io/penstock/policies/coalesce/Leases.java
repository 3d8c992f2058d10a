package io.penstock.policies.coalesce;

import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.LiveAttempt;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The leases by which workers hold attempts, and the wait between two of them. */
final class Leases {
  private Leases() {}

  static LiveAttempt grant(Attempt attempt, Duration lease, Instant now) {
    return new LiveAttempt(attempt, now.plus(lease), null);
  }

  static List<LiveAttempt> with(List<LiveAttempt> live, LiveAttempt granted) {
    return knows(live, id(granted)) ? live : Copies.plus(live, granted);
  }

  static boolean knows(List<LiveAttempt> live, String attemptId) {
    return live.stream().anyMatch(l -> id(l).equals(attemptId));
  }

  static boolean holds(List<LiveAttempt> live, String attemptId) {
    return live.stream().anyMatch(l -> held(l) && id(l).equals(attemptId));
  }

  static List<LiveAttempt> without(List<LiveAttempt> live, String attemptId) {
    return live.stream().filter(l -> !id(l).equals(attemptId)).toList();
  }

  static List<LiveAttempt> renewed(
      List<LiveAttempt> live, String attemptId, Duration lease, Instant now) {
    return live.stream()
        .map(l ->
            id(l).equals(attemptId)
                ? new LiveAttempt(l.getAttempt(), now.plus(lease), l.getOrphanedAt())
                : l)
        .toList();
  }

  /** Attempts whose lease has just been lost. */
  static List<Attempt> lost(List<LiveAttempt> live, Instant now) {
    return live.stream()
        .filter(l -> held(l) && over(l.getLeaseUntil(), now))
        .map(LiveAttempt::getAttempt)
        .toList();
  }

  /** The same attempts, with lost leases marked and long-lost ones forgotten. */
  static List<LiveAttempt> swept(List<LiveAttempt> live, Duration keep, Instant now) {
    return live.stream()
        .filter(l -> held(l) || now.isBefore(forgetAt(l, keep)))
        .map(l ->
            held(l) && over(l.getLeaseUntil(), now)
                ? new LiveAttempt(l.getAttempt(), l.getLeaseUntil(), now)
                : l)
        .toList();
  }

  /** The same attempts after a time in which no renewal could be read. */
  static List<LiveAttempt> resumed(List<LiveAttempt> live, Instant patience, Instant now) {
    return live.stream()
        .map(l ->
            held(l)
                ? new LiveAttempt(l.getAttempt(), later(l.getLeaseUntil(), patience), null)
                : new LiveAttempt(l.getAttempt(), l.getLeaseUntil(), now))
        .toList();
  }

  static List<Attempt> orphaned(List<LiveAttempt> live) {
    return live.stream().filter(l -> !held(l)).map(LiveAttempt::getAttempt).toList();
  }

  static boolean anyHeld(List<LiveAttempt> live) {
    return live.stream().anyMatch(Leases::held);
  }

  /** When something in the list next changes by itself; null when it is empty. */
  static @Nullable Instant nextDue(List<LiveAttempt> live, Duration keep) {
    return live.stream()
        .map(l -> held(l) ? l.getLeaseUntil() : forgetAt(l, keep))
        .min(Instant::compareTo)
        .orElse(null);
  }

  private static boolean held(LiveAttempt live) {
    return live.getOrphanedAt() == null;
  }

  private static Instant forgetAt(LiveAttempt live, Duration keep) {
    Instant orphanedAt = live.getOrphanedAt();
    return (orphanedAt == null ? live.getLeaseUntil() : orphanedAt).plus(keep);
  }

  /** Whether a worker calls for the flight, or waits to call again. */
  static boolean tried(Flight open) {
    return anyHeld(open.getLive()) || open.getRetryBy() != null;
  }

  static boolean over(@Nullable Instant until, Instant now) {
    return until != null && !now.isBefore(until);
  }

  static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  private static String id(LiveAttempt live) {
    return live.getAttempt().getId();
  }
}
