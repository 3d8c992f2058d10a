package io.penstock.policies.coalesce;

import static io.penstock.policies.ARequest.aRequest;
import static io.penstock.policies.AnAttempt.anAttempt;
import static io.penstock.policies.coalesce.Story.LEASE;
import static io.penstock.policies.coalesce.Story.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.AnAttempt;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What time does: lost leases, lost waits, missed deadlines, and forgetting. */
class ClockTest {
  private static final Duration TICK = Duration.ofMillis(1);
  private static final Rules RULES = Rules.DEFAULT;
  private static final InferenceRequest LEADER =
      aRequest().withId("r1").acceptedAt(NOON).dueBy(NOON.plusSeconds(60)).build();

  private final Story story = new Story();

  @BeforeEach
  void aLeaderIsInFlight() {
    story.leads(LEADER);
  }

  @Test
  void aLeaseIsLostAtItsEndAndNotBefore() {
    story.started(anAttempt("a1"));

    assertThat(story.later(LEASE.minus(TICK)).due()).isEmpty();
    assertThat(story.later(TICK).due())
        .containsExactly(
            new Effect.WriteOff(anAttempt("a1").build()), new Effect.Emit(story.open()));
    assertThat(story.open().getEmittedAt()).isEqualTo(NOON.plus(LEASE));
    assertThat(story.open().getAttempts()).as("the next is numbered on").isEqualTo(1);
  }

  @Test
  void aLostAttemptIsWrittenOffOnce() {
    story.started(anAttempt("a1"));
    story.later(LEASE).due();

    assertThat(story.later(TICK).due()).isEmpty();
  }

  @Test
  void aLostAttemptIsRememberedForAWhileAndThenForgotten() {
    story.started(anAttempt("a1"));
    story.later(LEASE).due();

    story.later(RULES.keep().minus(TICK)).due();
    assertThat(story.open().getLive()).hasSize(1);
    story.later(TICK).due();
    assertThat(story.open().getLive()).isEmpty();
  }

  @Test
  void nothingIsDispatchedAgainWhileSomebodyElseHoldsACall() {
    story.started(anAttempt("a1"));
    story.later(Duration.ofSeconds(1)).started(anAttempt("a2"));

    story.now = NOON.plus(LEASE);
    assertThat(story.due()).containsExactly(new Effect.WriteOff(anAttempt("a1").build()));
    story.later(Duration.ofSeconds(1));
    assertThat(story.due())
        .containsExactly(
            new Effect.WriteOff(anAttempt("a2").build()), new Effect.Emit(story.open()));
  }

  @Test
  void aWorkerThatDoesNotComeBackFromItsWaitIsReplaced() {
    story.started(anAttempt("a1"));
    story.seen(anAttempt("a1").failedToRetryAfter(Duration.ofSeconds(3)));
    Duration wait = Duration.ofSeconds(3).plus(RULES.retryGrace());

    assertThat(story.later(wait.minus(TICK)).due()).isEmpty();
    assertThat(story.later(TICK).due()).containsExactly(new Effect.Emit(story.open()));
    assertThat(story.open().getRetryBy()).isNull();
  }

  @Test
  void aWaitThatIsOverIsForgottenWhileSomebodyElseHoldsACall() {
    story.started(anAttempt("a1"));
    story.started(anAttempt("a2"));
    story.seen(anAttempt("a1").failedToRetryAfter(Duration.ZERO));
    story.later(RULES.retryGrace()).seen(anAttempt("a2").renewed(LEASE));

    assertThat(story.due()).isEmpty();
    assertThat(story.open().getRetryBy()).isNull();
    assertThat(story.law.nextDue(story.flights)).contains(story.now.plus(LEASE));
  }

  @Test
  void afterTooManyAttemptsALostLeaseIsTheLast() {
    for (int number = 1; number <= RULES.maxAttempts(); number++) {
      story.started(anAttempt("a" + number).numbered(number));
      boolean last = number == RULES.maxAttempts();
      var effects = story.later(LEASE).due();
      assertThat(effects.getLast())
          .as("after attempt %s", number)
          .isInstanceOf(last ? Effect.Release.class : Effect.Emit.class);
    }
    assertThat(failureCode()).isEqualTo(Reason.WORKERS_LOST.code());
    assertThat(story.flights.getOpen()).isNull();
  }

  @Test
  void aDispatchThatNoWorkerTookFailsOnceNoStartInTimeCanStillBeHeardOf() {
    story.now = LEADER.getDeadlineAt().plus(RULES.startGrace());

    assertThat(story.later(TICK.negated()).due()).isEmpty();
    assertThat(story.later(TICK).due())
        .containsExactly(
            new Effect.Release(
                story.settled(), new Effect.Outcome.Failed(story.settled().getFailure())));
    assertThat(failureCode()).isEqualTo(Reason.DEADLINE_EXCEEDED.code());
    assertThat(story.settled().getSettledBy()).as("nobody but the clock").isNull();
  }

  @Test
  void aCallThatBeganInTimeMayEndAfterTheDeadline() {
    story.now = LEADER.getDeadlineAt().minusMillis(1);
    story.started(anAttempt("a1"));

    assertThat(story.later(RULES.startGrace()).due()).isEmpty();
    assertThat(story.seen(anAttempt("a1").answered("late"))).hasSize(1);
  }

  @Test
  void nothingIsDispatchedAgainAfterTheDeadline() {
    story.now = LEADER.getDeadlineAt().minusMillis(1);
    story.started(anAttempt("a1"));

    var effects = story.later(LEASE).due();

    assertThat(effects).hasSize(2).noneMatch(Effect.Emit.class::isInstance);
    assertThat(failureCode()).isEqualTo(Reason.DEADLINE_EXCEEDED.code());
  }

  @Test
  void aLeaderThatRanOutOfTimeHandsOverToWhoeverHasMore() {
    for (int i = 2; i <= RULES.maxHandovers() + 3; i++) {
      story.follows(
          aRequest()
              .withId("r" + i)
              .acceptedAt(NOON.plusMillis(i))
              .dueBy(NOON.plusSeconds(60L * i))
              .build());
    }
    for (int i = 2; i <= RULES.maxHandovers() + 3; i++) {
      story.now = story.open().getDeadlineAt().plus(RULES.startGrace());
      assertThat(story.due()).as("handover to %s", i).hasSize(3);
      assertThat(story.open().getLeader().getId()).isEqualTo("r" + i);
      assertThat(story.open().getGroup()).isEqualTo("d-r1");
    }
  }

  @Test
  void aSettledFlightIsForgottenAfterAWhileWithItsFollowers() {
    story.started(anAttempt("a1"));
    story.seen(anAttempt("a1").answered("yes"));

    assertThat(story.later(RULES.keep().minus(TICK)).due()).isEmpty();
    assertThat(story.later(TICK).due()).containsExactly(new Effect.Forget("d-r1"));
    assertThat(story.flights).isEqualTo(SingleFlight.none());
  }

  @Test
  void theFollowersOutliveALeaderThatFailedAlone() {
    story.follows(aRequest().withId("r2").acceptedAt(NOON).dueBy(NOON.plusSeconds(60)).build());
    story.started(anAttempt("a1"));
    story.seen(anAttempt("a1").failed(Reason.PROVIDER_ERROR));

    assertThat(story.later(RULES.keep()).due()).isEmpty();
    assertThat(story.flights.getSettled()).isEmpty();
    assertThat(story.open().getGroup()).isEqualTo("d-r1");
  }

  @Test
  void aSettledFlightIsRememberedUntilEveryAttemptIsAccountedFor() {
    story.started(anAttempt("a1"));
    story.started(anAttempt("a2"));
    story.seen(anAttempt("a1").answered("yes"));

    story.later(RULES.keep());
    assertThat(story.due()).isEmpty();
    story.now = NOON.plus(LEASE);
    assertThat(story.due()).containsExactly(new Effect.WriteOff(anAttempt("a2").build()));
    story.later(RULES.keep()).due();
    assertThat(story.due()).containsExactly(new Effect.Forget("d-r1"));
    assertThat(story.flights).isEqualTo(SingleFlight.none());
  }

  @Test
  void anAttemptThatNobodyKnewIsWrittenOffAndForgottenWithoutAGroup() {
    var empty = new Story();
    AnAttempt stray = anAttempt("a9").at("d-r9");
    empty.started(stray);

    assertThat(empty.later(LEASE).due()).containsExactly(new Effect.WriteOff(stray.build()));
    empty.later(RULES.keep()).due();
    assertThat(empty.due()).isEmpty();
    assertThat(empty.flights).isEqualTo(SingleFlight.none());
  }

  @Test
  void theForgettingOfAnEarlierFlightLeavesTheFollowersOfTheNextAlone() {
    story.started(anAttempt("a1"));
    story.seen(anAttempt("a1").failed(Reason.PROVIDER_REJECTED));
    story.leads(LEADER);

    assertThat(story.later(RULES.keep()).due()).containsExactly(new Effect.Forget("d-r1"));
    assertThat(story.open().getGroup()).isNotEqualTo("d-r1");
  }

  @Test
  void aTransitionKnowsWhenNothingIsLeft() {
    var law = story.law;
    story.started(anAttempt("a1"));
    story.seen(anAttempt("a1").answered("yes"));
    Flights settled = story.flights;

    assertThat(law.due(settled, group -> List.of(), NOON).forgotten()).isFalse();
    assertThat(law.due(settled, group -> List.of(), NOON.plus(RULES.keep())).forgotten()).isTrue();
  }

  @Test
  void theNextDueInstantIsTheFirstThatMatters() {
    assertThat(nextDue()).isEqualTo(LEADER.getDeadlineAt().plus(RULES.startGrace()));

    story.started(anAttempt("a1"));
    assertThat(nextDue()).as("a lease").isEqualTo(NOON.plus(LEASE));

    story.seen(anAttempt("a1").failedToRetryAfter(Duration.ofSeconds(1)));
    assertThat(nextDue()).as("a wait").isEqualTo(NOON.plusSeconds(1).plus(RULES.retryGrace()));

    story.started(anAttempt("a2").numbered(2));
    story.seen(anAttempt("a2").answered("yes"));
    assertThat(nextDue()).as("forgetting").isEqualTo(NOON.plus(RULES.keep()));
  }

  @Test
  void nothingIsDueForAFingerprintThatNobodyAskedFor() {
    assertThat(story.law.nextDue(SingleFlight.none())).isEmpty();
    var due = story.law.due(SingleFlight.none(), group -> List.of(), NOON);
    assertThat(due.effects()).isEmpty();
    assertThat(due.forgotten()).isTrue();
  }

  @Test
  void theFollowersAreReadOnlyWhenALeaderFails() {
    story.started(anAttempt("a1"));

    story.law.due(
        story.flights,
        group -> {
          throw new AssertionError("read for nothing");
        },
        NOON.plus(LEASE));
  }

  @Test
  void aPromotedFollowerIsWorkedOnInItsOwnLane() {
    story.follows(
        aRequest().withId("r2").acceptedAt(NOON).dueBy(NOON.plusSeconds(120)).build(), Lane.BATCH);
    story.now = story.open().getDeadlineAt().plus(RULES.startGrace());

    story.due();

    assertThat(story.open().getLane()).isEqualTo(Lane.BATCH);
  }

  private Instant nextDue() {
    return story.law.nextDue(story.flights).orElseThrow();
  }

  private String failureCode() {
    var failure = story.settled().getFailure();
    return failure == null ? "none" : failure.getCode();
  }
}
