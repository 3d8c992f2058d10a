package io.penstock.policies.coalesce;

import static io.penstock.policies.ARequest.aRequest;
import static io.penstock.policies.AnAttempt.anAttempt;
import static io.penstock.policies.coalesce.Story.LEASE;
import static io.penstock.policies.coalesce.Story.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.policies.AnAttempt;
import io.penstock.policies.Reason;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.LiveAttempt;
import io.penstock.schemas.avro.Settled;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What workers report. */
class AttemptsTest {
  private static final InferenceRequest LEADER =
      aRequest().withId("r1").acceptedAt(NOON).dueBy(NOON.plusSeconds(60)).build();

  private final Story story = new Story();

  @BeforeEach
  void aLeaderIsInFlight() {
    story.leads(LEADER);
  }

  @Test
  void aStartedAttemptHoldsALease() {
    var effects = story.later(Duration.ofSeconds(1)).started(anAttempt("a1").numbered(1));

    assertThat(effects).isEmpty();
    assertThat(story.open().getAttempts()).isEqualTo(1);
    assertThat(story.open().getLive())
        .containsExactly(
            new LiveAttempt(anAttempt("a1").build(), NOON.plusSeconds(1).plus(LEASE), null));
  }

  @Test
  void aRenewalLengthensTheLeaseFromNowOn() {
    story.started(anAttempt("a1"));

    story.later(Duration.ofSeconds(4)).seen(anAttempt("a1").renewed(Duration.ofSeconds(10)));

    assertThat(story.open().getLive().getFirst().getLeaseUntil()).isEqualTo(NOON.plusSeconds(14));
  }

  @Test
  void aRenewalOfAnUnknownAttemptChangesNothing() {
    story.started(anAttempt("a1"));

    assertNothingChanges(() -> story.seen(anAttempt("a2").renewed(LEASE)));
  }

  @Test
  void aRenewalDoesNotReviveAnAttemptThatWasWrittenOff() {
    story.started(anAttempt("a1"));
    story.later(LEASE).due();

    story.seen(anAttempt("a1").renewed(LEASE));

    assertThat(Leases.anyHeld(story.open().getLive())).isFalse();
  }

  @Test
  void anAnswerSettlesTheFlight() {
    story.started(anAttempt("a1"));

    var answered = anAttempt("a1").answered("yes");
    var effects = story.later(Duration.ofSeconds(1)).seen(answered);

    Settled settled = story.settled();
    assertThat(effects)
        .containsExactly(new Effect.Release(settled, new Effect.Outcome.Answered(answered)));
    assertThat(story.flights.getOpen()).isNull();
    assertThat(settled.getDispatchId()).isEqualTo("d-r1");
    assertThat(settled.getSettledBy()).isEqualTo("a1");
    assertThat(settled.getSettledAt()).isEqualTo(NOON.plusSeconds(1));
    assertThat(settled.getLive()).isEmpty();
    assertThat(settled.getLeader()).isNotNull();
    assertThat(settled.getLeader().getMessages()).as("no text is kept").isEmpty();
  }

  @Test
  void theFirstOfTwoAnswersWinsAndTheSecondAnswersNobody() {
    story.started(anAttempt("a1"));
    story.started(anAttempt("a2"));
    story.seen(anAttempt("a2").answered("first"));

    var effects = story.seen(anAttempt("a1").answered("second"));

    assertThat(effects).isEmpty();
    assertThat(story.settled().getSettledBy()).isEqualTo("a2");
    assertThat(story.settled().getLive()).as("both are accounted for").isEmpty();
  }

  @Test
  void aFailureWaitsForWhoeverElseIsTrying() {
    story.started(anAttempt("a1"));
    story.started(anAttempt("a2"));

    assertThat(story.seen(anAttempt("a1").failed(Reason.PROVIDER_REJECTED))).isEmpty();
    assertThat(story.open().getLive()).hasSize(1);
  }

  @Test
  void aFailureWaitsForAWorkerThatWillTryAgain() {
    story.started(anAttempt("a1"));
    story.started(anAttempt("a2"));
    story.seen(anAttempt("a1").failedToRetryAfter(Duration.ofSeconds(3)));

    assertThat(story.seen(anAttempt("a2").failed(Reason.PROVIDER_REJECTED))).isEmpty();
    assertThat(story.open().getRetryBy()).isNotNull();
  }

  @Test
  void aWorkerThatTriesAgainIsWaitedForAsLongAsItSaidAndALittleMore() {
    story.started(anAttempt("a1"));

    var effects = story.seen(anAttempt("a1").failedToRetryAfter(Duration.ofSeconds(3)));

    assertThat(effects).isEmpty();
    assertThat(story.open().getLive()).isEmpty();
    assertThat(story.open().getRetryBy())
        .isEqualTo(NOON.plusSeconds(3).plus(Rules.DEFAULT.retryGrace()));
  }

  @Test
  void theNextAttemptEndsTheWait() {
    story.started(anAttempt("a1"));
    story.seen(anAttempt("a1").failedToRetryAfter(Duration.ofSeconds(3)));

    story.later(Duration.ofSeconds(3)).started(anAttempt("a2").numbered(2));

    assertThat(story.open().getRetryBy()).isNull();
    assertThat(story.open().getAttempts()).isEqualTo(2);
  }

  @Test
  void whatEndedAttemptsCostIsAddedUp() {
    story.started(anAttempt("a1"));
    story.seen(anAttempt("a1").failedToRetryAfter(Duration.ZERO), new Money(7));
    story.started(anAttempt("a2").numbered(2));
    story.seen(anAttempt("a2").failedToRetryAfter(Duration.ZERO), new Money(5));
    story.started(anAttempt("a3").numbered(3));

    story.seen(anAttempt("a3").answered("yes"), new Money(100));

    assertThat(story.settled().getSpentPicoUsd()).isEqualTo(112);
  }

  @Test
  void aSumWithAnUnknownPartIsUnknownWhereverThePartIs() {
    story.started(anAttempt("a1"));
    story.seen(anAttempt("a1").failedToRetryAfter(Duration.ZERO), null);
    assertThat(story.open().getSpentPicoUsd()).isNull();
    story.started(anAttempt("a2").numbered(2));

    story.seen(anAttempt("a2").answered("yes"), new Money(100));

    assertThat(story.settled().getSpentPicoUsd()).isNull();
  }

  @Test
  void aFailureOfUnknownCostEndsInAnUnknownSum() {
    story.started(anAttempt("a1"));

    story.seen(anAttempt("a1").failed(Reason.ANSWER_TOO_LARGE), null);

    assertThat(story.settled().getSpentPicoUsd()).isNull();
  }

  @Test
  void whenADispatchEndedIsNotChangedByARestart() {
    story.started(anAttempt("a1"));
    story.seen(anAttempt("a1").answered("yes"));
    Instant endedAt = story.now;

    story.later(Duration.ofSeconds(1)).restored(endedAt);

    assertThat(story.settled().getEndedAt()).isEqualTo(endedAt);
    assertThat(story.settled().getSettledAt()).as("kept from now on").isEqualTo(story.now);
  }

  @Test
  void aCostThatOverflowsIsABug() {
    story.started(anAttempt("a1"));
    story.seen(anAttempt("a1").failedToRetryAfter(Duration.ZERO), new Money(Long.MAX_VALUE));
    story.started(anAttempt("a2").numbered(2));

    assertThatThrownBy(() -> story.seen(anAttempt("a2").failed(Reason.RATE_LIMITED), new Money(1)))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void theFailureOfAnAttemptThatWasGivenUpLeavesTheFlightToItsSuccessor() {
    story.started(anAttempt("a1"));
    story.later(LEASE).due();

    var effects = story.seen(anAttempt("a1").failed(Reason.PROVIDER_REJECTED), new Money(7));

    assertThat(effects).isEmpty();
    assertThat(story.open().getSpentPicoUsd()).as("but is accounted for").isEqualTo(7);
    assertThat(story.open().getEnded()).containsExactly("a1");
  }

  @Test
  void theFailureOfAnAttemptThatWasForgottenLeavesTheFlightToItsSuccessor() {
    story.started(anAttempt("a1"));
    story.later(LEASE).due();
    story.later(Rules.DEFAULT.keep()).due();

    assertThat(story.open().getLive()).isEmpty();
    assertThat(story.seen(anAttempt("a1").failed(Reason.PROVIDER_REJECTED))).isEmpty();
    assertThat(story.flights.getOpen()).isNotNull();
  }

  @Test
  void nobodyWaitsForTheRetryOfAnAttemptThatWasGivenUp() {
    story.started(anAttempt("a1"));
    story.later(LEASE).due();

    story.seen(anAttempt("a1").failedToRetryAfter(Duration.ofSeconds(3)));

    assertThat(story.open().getRetryBy()).isNull();
  }

  @Test
  void theAnswerOfAnAttemptThatWasGivenUpIsAsGoodAsAny() {
    story.started(anAttempt("a1"));
    story.later(LEASE).due();

    var late = anAttempt("a1").answered("late");

    assertThat(story.seen(late))
        .containsExactly(new Effect.Release(story.settled(), new Effect.Outcome.Answered(late)));
    assertThat(story.settled().getLive()).as("its estimate is replaced").isEmpty();
  }

  @Test
  void aDroppedDispatchFails() {
    var effects = story.dropped("d-r1", Reason.PROVIDER_UNAUTHORIZED);

    assertThat(effects)
        .containsExactly(
            new Effect.Release(
                story.settled(),
                new Effect.Outcome.Failed(
                    Reason.PROVIDER_UNAUTHORIZED.because("as the test says"))));
    assertThat(story.flights.getOpen()).isNull();
  }

  @Test
  void aDropSaysNothingAboutADispatchThatSomebodyElseIsAt() {
    story.started(anAttempt("a1"));
    assertNothingChanges(() -> story.dropped("d-r1", Reason.DEADLINE_EXCEEDED));

    story.seen(anAttempt("a1").failedToRetryAfter(Duration.ofSeconds(1)));
    assertNothingChanges(() -> story.dropped("d-r1", Reason.DEADLINE_EXCEEDED));
  }

  @Test
  void aDropOfAnUnknownDispatchChangesNothing() {
    assertNothingChanges(() -> story.dropped("d-r9", Reason.DEADLINE_EXCEEDED));

    story.dropped("d-r1", Reason.PROVIDER_UNAUTHORIZED);
    assertNothingChanges(() -> story.dropped("d-r9", Reason.DEADLINE_EXCEEDED));
  }

  @Test
  void twoDropsOfOneDispatchGiveTheFirstReasonTwice() {
    var first = story.dropped("d-r1", Reason.PROVIDER_UNAUTHORIZED);

    assertThat(story.dropped("d-r1", Reason.MODEL_NOT_FOUND)).isEqualTo(first);
  }

  @Test
  void anAttemptThatStartsAfterTheEndIsWatchedAndAnswersNobody() {
    story.started(anAttempt("a1"));
    story.seen(anAttempt("a1").answered("yes"));

    AnAttempt late = anAttempt("a2");
    assertThat(story.started(late)).isEmpty();
    assertThat(story.settled().getLive()).hasSize(1);
    assertNothingChanges(() -> story.started(late));
    story.later(Duration.ofSeconds(1)).seen(late.renewed(LEASE));
    assertThat(story.settled().getLive().getFirst().getLeaseUntil())
        .isEqualTo(story.now.plus(LEASE));

    assertThat(story.seen(late.answered("too late"))).isEmpty();
    assertThat(story.settled().getLive()).isEmpty();
    assertNothingChanges(() -> story.started(late));
  }

  @Test
  void anAttemptThatNobodyKnowsIsWatchedUntilItIsAccountedFor() {
    AnAttempt stray = anAttempt("a9").at("d-r9");

    assertThat(story.started(stray)).isEmpty();
    assertThat(story.settled().getLive()).hasSize(1);
    assertThat(story.settled().getLeader()).isNull();
    assertNothingChanges(() -> story.started(stray));
    assertThat(story.seen(stray.answered("to whom?"))).isEmpty();
    assertThat(story.settled().getLive()).isEmpty();
    assertThat(story.flights.getOpen()).as("the flight has nothing to do with it").isNotNull();
  }

  @Test
  void anAttemptThatNobodyKnowsIsWatchedBesideWhatHasEnded() {
    story.started(anAttempt("a1"));
    story.seen(anAttempt("a1").answered("yes"));

    story.started(anAttempt("a9").at("d-r9"));

    assertThat(story.flights.getSettled()).hasSize(2);
    assertThat(story.settled().getDispatchId()).isEqualTo("d-r9");
  }

  @Test
  void aRequestThatLeadsAgainHasADispatchAndAGroupOfItsOwn() {
    story.started(anAttempt("a1"));
    story.seen(anAttempt("a1").failed(Reason.PROVIDER_REJECTED));

    story.leads(LEADER);

    assertThat(story.open().getDispatchId()).isEqualTo("d-r1~2");
    assertThat(story.open().getGroup()).isEqualTo("d-r1~2");
    assertThat(story.seen(anAttempt("a1").failed(Reason.PROVIDER_REJECTED)))
        .as("what is heard of the first does not end the second")
        .hasSize(1);
    assertThat(story.flights.getOpen()).isNotNull();

    story.dropped("d-r1~2", Reason.PROVIDER_REJECTED);
    story.leads(LEADER);
    assertThat(story.open().getDispatchId()).isEqualTo("d-r1~3");
  }

  @Test
  void aRequestThatMeetsAnOpenFlightCannotLead() {
    assertThatThrownBy(() -> story.leads(LEADER)).isInstanceOf(IllegalStateException.class);
  }

  private void assertNothingChanges(Supplier<List<Effect>> step) {
    Flights before = story.flights;
    assertThat(step.get()).isEmpty();
    assertThat(story.flights).isEqualTo(before);
  }
}
