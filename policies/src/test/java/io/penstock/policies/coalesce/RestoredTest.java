package io.penstock.policies.coalesce;

import static io.penstock.policies.ARequest.aRequest;
import static io.penstock.policies.AnAttempt.anAttempt;
import static io.penstock.policies.coalesce.Story.LEASE;
import static io.penstock.policies.coalesce.Story.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.schemas.avro.InferenceRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a task does again when it takes over state, and what it may not yet judge. */
class RestoredTest {
  private static final Rules RULES = Rules.DEFAULT;
  private static final Duration DOWN = Duration.ofSeconds(45);
  private static final InferenceRequest LEADER =
      aRequest().withId("r1").acceptedAt(NOON).dueBy(NOON.plusSeconds(600)).build();

  private final Story story = new Story();

  @BeforeEach
  void aLeaderIsInFlight() {
    story.leads(LEADER);
  }

  @Test
  void aDispatchThatMayBeLostGetsAMomentToStartAndIsThenHandedOutAgain() {
    assertThat(crash()).isEmpty();

    assertThat(story.open().getStartBy()).isEqualTo(story.now.plus(RULES.startGrace()));
    assertThat(nextDue()).isEqualTo(story.open().getStartBy());
    assertThat(story.later(RULES.startGrace().minusMillis(1)).due()).isEmpty();
    assertThat(story.later(Duration.ofMillis(1)).due())
        .containsExactly(new Effect.Emit(story.open()));
    assertThat(story.open().getDispatchId()).as("under the same id").isEqualTo("d-r1");
    assertThat(story.open().getStartBy()).isNull();
  }

  @Test
  void aDispatchThatStartsAfterAllIsNotHandedOutAgain() {
    crash();
    story.started(anAttempt("a1"));

    assertThat(story.open().getStartBy()).isNull();
    assertThat(story.later(RULES.startGrace()).due()).isEmpty();
  }

  @Test
  void aDispatchHandedOutAfterTheTakeoverIsNoSuspect() {
    story.later(DOWN).restored(story.now.minus(DOWN).minusMillis(1));

    assertThat(story.open().getStartBy()).isNull();
    assertThat(story.later(RULES.startGrace()).due()).isEmpty();
  }

  @Test
  void anOlderDispatchIsDurableAndMayQueue() {
    story.later(RULES.keep().plusMillis(1));

    crash();

    assertThat(story.open().getStartBy()).isNull();
    assertThat(story.later(RULES.startGrace()).due()).isEmpty();
  }

  @Test
  void aDispatchThatIsOnTheLogIsNotSuspectHoweverLongItQueues() {
    var restored = story.law.restored(story.flights, NOON, flight -> true, story.later(DOWN).now);

    assertThat(restored.next().getOpen().getStartBy()).isNull();
    assertThat(restored.effects()).isEmpty();
  }

  @Test
  void aDispatchUnderSuspicionStaysSoThroughAnotherCrash() {
    crash();
    story.later(RULES.startGrace().minusMillis(1));
    story.restored(NOON.plus(DOWN));

    assertThat(story.open().getStartBy()).isEqualTo(story.now.plus(RULES.startGrace()));
    assertThat(story.later(RULES.startGrace()).due())
        .containsExactly(new Effect.Emit(story.open()));
  }

  @Test
  void aCallWhoseLeaseRanOutUnwatchedIsNotLostYet() {
    story.started(anAttempt("a1"));

    crash();

    assertThat(story.due()).as("its renewals wait to be read").isEmpty();
    story.later(RULES.startGrace().minusMillis(1));
    story.seen(anAttempt("a1").renewed(LEASE));
    assertThat(story.later(Duration.ofMillis(1)).due()).isEmpty();
  }

  @Test
  void aCallThatIsNotRenewedAfterwardsIsLost() {
    story.started(anAttempt("a1"));

    crash();

    assertThat(story.later(RULES.startGrace()).due())
        .containsExactly(
            new Effect.WriteOff(anAttempt("a1").build()), new Effect.Emit(story.open()));
  }

  @Test
  void aLeaseThatLastsLongerIsNotShortened() {
    story.started(anAttempt("a1"));

    story.later(Duration.ofSeconds(1)).restored(story.now);

    assertThat(story.open().getLive().getFirst().getLeaseUntil()).isEqualTo(NOON.plus(LEASE));
  }

  @Test
  void aWorkerThatWasToTryAgainMayHaveDoneSoUnwatched() {
    story.started(anAttempt("a1"));
    story.seen(anAttempt("a1").failedToRetryAfter(Duration.ofSeconds(1)));

    crash();

    assertThat(story.due()).isEmpty();
    assertThat(nextDue()).isEqualTo(story.now.plus(RULES.startGrace()));
    assertThat(story.later(RULES.startGrace()).due())
        .containsExactly(new Effect.Emit(story.open()));
  }

  @Test
  void aDeadlineThatPassedUnwatchedIsNotJudgedUntilTheNewsIsRead() {
    story.now = LEADER.getDeadlineAt().minusMillis(1);
    crash();

    assertThat(story.due()).isEmpty();
    story.started(anAttempt("a1"));
    assertThat(story.seen(anAttempt("a1").answered("in time"))).hasSize(1);
    assertThat(story.settled().getSettledBy()).isEqualTo("a1");
  }

  @Test
  void aDeadlineThatPassedUnwatchedIsJudgedAfterThat() {
    story.now = LEADER.getDeadlineAt().minusMillis(1);
    crash();

    story.now = nextDue();
    assertThat(story.due()).hasSize(1).first().isInstanceOf(Effect.Release.class);
    assertThat(story.flights.getOpen()).isNull();
  }

  @Test
  void anEndThatIsReadAgainStillFindsWhomItAnswered() {
    story.started(anAttempt("a1"));
    var answered = anAttempt("a1").answered("yes");
    var first = story.seen(answered);

    crash();

    assertThat(story.due()).as("nothing is forgotten yet").isEmpty();
    assertThat(story.seen(answered)).hasSameSizeAs(first);
    story.later(RULES.keep());
    assertThat(story.due()).containsExactly(new Effect.Forget("d-r1"));
  }

  @Test
  void whatTheClockDecidedIsSaidAgainBecauseNoRecordBringsItBack() {
    story.now = LEADER.getDeadlineAt().plus(RULES.startGrace());
    var first = (Effect.Release) story.due().getFirst();

    var again = crash();

    assertThat(again).hasSize(1);
    assertThat(((Effect.Release) again.getFirst()).outcome()).isEqualTo(first.outcome());
    assertThat(((Effect.Release) again.getFirst()).settled()).isEqualTo(first.settled());
  }

  @Test
  void whatARecordDecidedIsNotSaidTwice() {
    story.started(anAttempt("a1"));
    story.seen(anAttempt("a1").failed(Reason.PROVIDER_REJECTED));
    story.leads(LEADER);
    story.dropped("d-r1~2", Reason.MODEL_NOT_FOUND);

    assertThat(crash()).isEmpty();
  }

  @Test
  void aWrittenOffAttemptIsWrittenOffAgainTheSameAndOnlyWhileRemembered() {
    story.started(anAttempt("a1"));
    story.later(LEASE).due();
    var writeOff = new Effect.WriteOff(anAttempt("a1").build());

    assertThat(crash()).containsExactly(writeOff);
    story.due();
    assertThat(crash()).as("a crash soon after").containsExactly(writeOff);
    story.later(RULES.keep()).due();
    assertThat(crash()).isEmpty();
  }

  @Test
  void aWrittenOffAttemptOfASettledFlightIsWrittenOffAgain() {
    story.started(anAttempt("a1"));
    story.started(anAttempt("a2"));
    story.seen(anAttempt("a1").answered("yes"));
    story.later(LEASE).due();

    assertThat(crash()).containsExactly(new Effect.WriteOff(anAttempt("a2").build()));
  }

  @Test
  void aCallOfASettledFlightThatIsHeldIsNotWrittenOff() {
    story.started(anAttempt("a1"));
    story.started(anAttempt("a2"));
    story.seen(anAttempt("a1").answered("yes"));

    assertThat(crash()).isEmpty();
    assertThat(story.due()).isEmpty();
  }

  @Test
  void nothingIsDoneForAFingerprintThatNobodyAskedFor() {
    var restored = story.law.restored(SingleFlight.none(), NOON, flight -> false, NOON);

    assertThat(restored.effects()).isEmpty();
    assertThat(restored.forgotten()).isTrue();
  }

  @Test
  void theNewestInstantIsThatOfTheLastDispatchOrEnd() {
    assertThat(SingleFlight.newest(SingleFlight.none())).isEqualTo(Instant.EPOCH);
    assertThat(SingleFlight.newest(story.flights)).isEqualTo(NOON);

    story.started(anAttempt("a1"));
    story.later(LEASE).due();
    assertThat(SingleFlight.newest(story.flights)).isEqualTo(NOON.plus(LEASE));

    story.later(LEASE).seen(anAttempt("a1").answered("late"));
    assertThat(SingleFlight.newest(story.flights)).isEqualTo(story.now);
  }

  /** The task stops now, and another takes over after a while. */
  private List<Effect> crash() {
    Instant crashedAt = story.now;
    return story.later(DOWN).restored(crashedAt);
  }

  private Instant nextDue() {
    return story.law.nextDue(story.flights).orElseThrow();
  }
}
