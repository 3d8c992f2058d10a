package io.penstock.policies.coalesce;

import io.penstock.policies.AnAttempt;
import io.penstock.policies.Reason;
import io.penstock.schemas.Money;
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
import io.penstock.schemas.avro.Settled;
import io.penstock.schemas.avro.Withdrawal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What happens to one fingerprint, told step by step; each step returns what it causes. */
final class Story {
  static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  static final Duration LEASE = Duration.ofSeconds(6);
  static final List<Candidate> PLAN = List.of(new Candidate("openai", "gpt-5-mini"));

  final SingleFlight law;
  final List<Follower> followers = new ArrayList<>();
  Flights flights = SingleFlight.none();
  Instant now = NOON;

  Story(Rules rules) {
    law = new SingleFlight(rules);
  }

  Story() {
    this(Rules.DEFAULT);
  }

  Story later(Duration passed) {
    now = now.plus(passed);
    return this;
  }

  List<Effect> leads(InferenceRequest request) {
    return caused(law.lead(flights, request, Lane.STANDARD, PLAN, null, now));
  }

  Follower follows(InferenceRequest request, Lane lane) {
    Follower follower = SingleFlight.follow(open(), request, lane);
    followers.add(follower);
    return follower;
  }

  Follower follows(InferenceRequest request) {
    return follows(request, Lane.STANDARD);
  }

  List<Effect> started(AnAttempt attempt) {
    return seen(attempt.started(LEASE));
  }

  List<Effect> seen(AttemptStarted started) {
    return caused(law.started(flights, started, now));
  }

  List<Effect> seen(AttemptRenewed renewed) {
    return caused(law.renewed(flights, renewed, now));
  }

  List<Effect> seen(AttemptEnded ended) {
    return seen(ended, Money.ZERO);
  }

  List<Effect> seen(AttemptEnded ended, @Nullable Money cost) {
    return caused(law.ended(flights, ended, cost, group -> List.copyOf(followers), now));
  }

  List<Effect> dropped(String dispatchId, Reason reason) {
    var dropped = new DispatchDropped(dispatchId, reason.because("as the test says"));
    return caused(law.dropped(flights, dropped, group -> List.copyOf(followers), now));
  }

  List<Effect> withdraws(InferenceRequest request) {
    return withdraws(request, false);
  }

  List<Effect> withdrawsForGood(InferenceRequest request) {
    return withdraws(request, true);
  }

  private List<Effect> withdraws(InferenceRequest request, boolean forGood) {
    var withdrawal =
        new Withdrawal(
            request.getId(), request.getTenant(), request.getReplyPartition(), now, forGood);
    return caused(law.withdrawn(flights, withdrawal, group -> List.copyOf(followers)));
  }

  List<Effect> handedOut(String dispatchId) {
    return caused(law.handedOut(flights, dispatchId, now));
  }

  List<Effect> refused(String dispatchId, Failure failure) {
    return caused(law.refused(flights, dispatchId, failure, group -> List.copyOf(followers), now));
  }

  List<Effect> due() {
    return caused(law.due(flights, group -> List.copyOf(followers), now));
  }

  List<Effect> restored(Instant crashedAt) {
    return caused(law.restored(flights, crashedAt, flight -> false, now));
  }

  Flight open() {
    return Objects.requireNonNull(flights.getOpen(), "nothing is in flight");
  }

  Settled settled() {
    return flights.getSettled().getLast();
  }

  /** Promoted followers wait no longer, as in the topology. */
  private List<Effect> caused(Transition transition) {
    flights = transition.next();
    for (Effect effect : transition.effects()) {
      if (effect instanceof Effect.Promote promote) {
        followers.remove(promote.follower());
      }
      if (effect instanceof Effect.Dismiss(String _, Follower told)) {
        followers.replaceAll(f -> f.getRequest().equals(told.getRequest()) ? told : f);
      }
    }
    return transition.effects();
  }
}
