package io.penstock.policies.coalesce;

import io.penstock.policies.coalesce.SingleFlight.FollowersOf;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.Follower;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Withdrawal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Who no longer wants an answer, however often they asked for it. A follower is told so at once. A
 * leader is marked, and its call goes on for those who still follow; when nobody does, it is
 * cancelled, and how the call ends is the leader's answer. A second look finds the marks, and says
 * the same again to whoever may not have heard.
 *
 * <p>Requests with an idempotency key are only withdrawn for good, by whoever made the key:
 * otherwise the key says that they will come again.
 */
final class Withdrawing {
  private Withdrawing() {}

  static Transition withdrawn(Flights before, Withdrawal event, FollowersOf followers) {
    Flight open = before.getOpen();
    Instant at = event.getWithdrawnAt();
    if (open != null && names(event, open.getLeader())) {
      Flight marked = open.getWithdrawnAt() == null ? Copies.withdrawn(open, at) : open;
      return new Transition(
          Copies.open(before, marked), cancelled(marked, followers.apply(open.getGroup()), event));
    }
    var effects = new ArrayList<Effect>();
    for (String group : SingleFlight.groups(before)) {
      boolean waiting = open != null && open.getGroup().equals(group);
      for (Follower follower : followers.apply(group)) {
        boolean told = follower.getWithdrawnAt() != null;
        if (names(event, follower.getRequest()) && (told || (waiting && !follower.getEcho()))) {
          effects.add(new Effect.Dismiss(group, told ? follower : Copies.withdrawn(follower, at)));
        }
      }
    }
    if (open != null && open.getWithdrawnAt() != null && !effects.isEmpty()) {
      effects.addAll(cancelled(open, followers.apply(open.getGroup()), event));
    }
    return new Transition(before, effects);
  }

  private static List<Effect> cancelled(Flight open, List<Follower> followers, Withdrawal event) {
    return followers.stream().anyMatch(f -> waits(f) && !names(event, f.getRequest()))
        ? List.of()
        : List.of(new Effect.Cancel(open, event.getWithdrawnAt()));
  }

  /** Whether a follower waits for an answer of its own. */
  static boolean waits(Follower follower) {
    return !follower.getEcho() && follower.getWithdrawnAt() == null;
  }

  private static boolean names(Withdrawal event, InferenceRequest request) {
    return event.getRequestId().equals(request.getId())
        && event.getTenant().equals(request.getTenant())
        && (request.getIdempotencyKey() == null || event.getForGood());
  }
}
