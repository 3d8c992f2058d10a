package io.penstock.policies.coalesce;

import static io.penstock.policies.ARequest.aRequest;
import static io.penstock.policies.AnAttempt.anAttempt;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.ARequest;
import io.penstock.policies.AnAttempt;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.CacheControl;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Follower;
import io.penstock.schemas.avro.InferenceRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of a call when those who asked for it no longer want it. */
class WithdrawingTest {
  private final Story story = new Story();
  private final InferenceRequest leader = asked("r1").build();
  private final InferenceRequest follower = asked("r2").build();

  @Test
  void aLeaderThatNobodyFollowsIsCancelled() {
    story.leads(leader);

    var effects = story.withdraws(leader);

    assertThat(effects).singleElement().isInstanceOf(Effect.Cancel.class);
    assertThat(((Effect.Cancel) effects.getFirst()).flight().getDispatchId()).isEqualTo("d-r1");
    assertThat(story.open().getWithdrawnAt()).isEqualTo(story.now);
  }

  @Test
  void aSecondLookAtAWithdrawalCancelsAgainAndChangesNothing() {
    story.leads(leader);
    story.withdraws(leader);
    var before = story.flights;

    assertThat(story.later(Duration.ofSeconds(1)).withdraws(leader))
        .singleElement()
        .isInstanceOf(Effect.Cancel.class);
    assertThat(story.flights).isEqualTo(before);
  }

  @Test
  void theCallOfALeaderThatWithdrawsGoesOnForThoseWhoFollow() {
    story.leads(leader);
    story.follows(follower);

    assertThat(story.withdraws(leader)).isEmpty();
    story.started(attempt());
    assertThat(heardOf(story.seen(attempt().answered("yes")))).containsExactly("r1", "r2");
  }

  @Test
  void whenTheLastOneLeavesTheCallIsCancelled() {
    story.leads(leader);
    story.follows(follower);
    story.follows(asked("r3").build());
    story.withdraws(leader);

    assertThat(story.withdraws(follower)).singleElement().isInstanceOf(Effect.Dismiss.class);
    assertThat(story.withdraws(asked("r3").build()))
        .hasExactlyElementsOfTypes(Effect.Dismiss.class, Effect.Cancel.class);
  }

  @Test
  void aFollowerThatWithdrawsIsToldOnceAndForAll() {
    story.leads(leader);
    story.follows(follower);

    var effects = story.withdraws(follower);

    assertThat(effects).singleElement().isInstanceOf(Effect.Dismiss.class);
    Follower told = ((Effect.Dismiss) effects.getFirst()).follower();
    assertThat(told.getWithdrawnAt()).isEqualTo(story.now);
    assertThat(story.later(Duration.ofSeconds(1)).withdraws(follower)).isEqualTo(effects);
    story.started(attempt());
    assertThat(heardOf(story.seen(attempt().answered("yes")))).containsExactly("r1");
    assertThat(story.withdraws(follower)).as("read again after the end").isEqualTo(effects);
  }

  @Test
  void whoComesAfterTheCancellationGetsACallOfItsOwn() {
    story.leads(leader);
    story.started(attempt());
    story.withdraws(leader);
    story.follows(follower);

    var effects = story.seen(attempt().failed(Reason.WITHDRAWN));

    assertThat(effects)
        .hasExactlyElementsOfTypes(Effect.Release.class, Effect.Promote.class, Effect.Emit.class);
    assertThat(story.open().getDispatchId()).isEqualTo("d-r2");
    assertThat(story.open().getHandovers()).as("handovers").isZero();
    assertThat(story.open().getWithdrawnAt()).isNull();
    assertThat(story.settled().getAlone()).isTrue();
  }

  @Test
  void anyNumberOfLeadersMayWithdraw() {
    story.leads(asked("r0").build());
    for (int i = 0; i < 10; i++) {
      story.withdraws(asked("r" + i).build());
      story.follows(asked("r" + (i + 1)).build());
      var own = anAttempt("a" + i).at("d-r" + i);
      story.started(own);
      story.seen(own.failed(Reason.WITHDRAWN));
    }

    assertThat(story.open().getDispatchId()).isEqualTo("d-r10");
  }

  @Test
  void anAnswerThatComesAnywayIsGivenToAll() {
    story.leads(leader);
    story.started(attempt());
    story.withdraws(leader);
    story.follows(follower);

    assertThat(heardOf(story.seen(attempt().answered("yes")))).containsExactly("r1", "r2");
  }

  @Test
  void aDispatchThatNobodyHadBegunIsDroppedForItsLeaderOnly() {
    story.leads(leader);
    story.withdraws(leader);
    story.follows(follower);

    story.dropped("d-r1", Reason.WITHDRAWN);

    assertThat(story.open().getDispatchId()).isEqualTo("d-r2");
  }

  @Test
  void aWorkerThatWaitedToCallAgainMayDropWhatWasCancelled() {
    story.leads(leader);
    story.started(attempt());
    story.seen(attempt().failedToRetryAfter(Duration.ofSeconds(30)));
    story.withdraws(leader);

    assertThat(story.dropped("d-r1", Reason.WITHDRAWN))
        .singleElement()
        .isInstanceOf(Effect.Release.class);
    assertThat(story.flights.getOpen()).isNull();
  }

  @Test
  void whatWasCancelledIsNotCalledAgainWhenItsWorkerVanishes() {
    story.leads(leader);
    story.started(attempt());
    story.withdraws(leader);

    var effects = story.later(Story.LEASE).due();

    assertThat(effects).hasExactlyElementsOfTypes(Effect.WriteOff.class, Effect.Release.class);
    assertThat(story.settled().getFailure().getCode()).isEqualTo(Reason.WITHDRAWN.code());
  }

  @Test
  void aWorkerThatVanishesWithACancelledCallLeavesItToWhoFollows() {
    story.leads(leader);
    story.started(attempt());
    story.withdraws(leader);
    story.follows(follower);

    story.later(Story.LEASE).due();

    assertThat(story.open().getDispatchId()).isEqualTo("d-r2");
  }

  @Test
  void anEchoSharesTheFateOfTheLeaderThatWithdrew() {
    story.leads(leader);
    Follower echo = story.follows(asked("r1").repliedTo(2).build());

    assertThat(story.withdraws(leader)).singleElement().isInstanceOf(Effect.Cancel.class);
    assertThat(echo.getEcho()).isTrue();
    story.started(attempt());
    assertThat(heardOf(story.seen(attempt().failed(Reason.WITHDRAWN)))).containsExactly("r1", "r1");
  }

  @Test
  void aRequestUnderAnIdempotencyKeyIsNotWithdrawnBecauseItsCallerLeft() {
    var keyed = asked("r1").underKey("k").build();
    story.leads(keyed);
    story.follows(asked("r2").underKey("l").build());

    assertThat(story.withdraws(keyed)).isEmpty();
    assertThat(story.withdraws(asked("r2").build())).isEmpty();
    assertThat(story.open().getWithdrawnAt()).isNull();
  }

  @Test
  void whoMadeTheKeyMayWithdrawForGood() {
    var keyed = asked("r1").underKey("k").build();
    var following = asked("r2").underKey("l").build();
    story.leads(keyed);
    story.follows(following);

    assertThat(story.withdrawsForGood(following))
        .singleElement()
        .isInstanceOf(Effect.Dismiss.class);
    assertThat(story.withdrawsForGood(keyed)).singleElement().isInstanceOf(Effect.Cancel.class);
  }

  @Test
  void aWithdrawalOfAnotherTenantOrOfNobodyChangesNothing() {
    assertThat(story.withdraws(leader)).isEmpty();
    story.leads(leader);

    assertThat(story.withdraws(asked("r9").build())).isEmpty();
    assertThat(story.withdraws(asked("r1").forTenant("other").build())).isEmpty();
    assertThat(story.open().getWithdrawnAt()).isNull();
  }

  @Test
  void whoWantedNoCallIsNotToldThatSomebodyElseWithdrew() {
    var only = new CacheControl(null, false, false, true);
    story.leads(leader);
    Follower cacheOnly = story.follows(asked("r3").caching(only).build());
    Follower late = story.follows(asked("r2").dueBy(Story.NOON.plusSeconds(1)).build());
    story.withdraws(leader);
    story.later(Duration.ofSeconds(2));

    var release = (Effect.Release) story.dropped("d-r1", Reason.WITHDRAWN).getFirst();

    assertThat(release.failureOf(late, SingleFlight.WITHDRAWN).getCode())
        .isEqualTo(Reason.DEADLINE_EXCEEDED.code());
    assertThat(release.failureOf(cacheOnly, SingleFlight.WITHDRAWN).getCode())
        .isEqualTo(Reason.NOT_CACHED.code());
    Failure broken = Reason.PROVIDER_ERROR.because("it broke");
    assertThat(release.failureOf(late, broken)).isEqualTo(broken);
  }

  @Test
  void anEmptyBudgetOfOneKeyIsNotThatOfAnother() {
    Failure exhausted = Reason.BUDGET_EXHAUSTED.because("nothing is left");
    story.leads(asked("r1").payingWith("poor").build());
    story.follows(asked("r2").payingWith("poor").build());
    story.follows(asked("r3").payingWith("rich").build());

    story.refused("d-r1", exhausted);

    assertThat(story.open().getDispatchId()).isEqualTo("d-r3");
    assertThat(story.open().getHandovers()).isZero();
    assertThat(story.settled().getAlone()).isTrue();
  }

  @Test
  void anEmptyBudgetIsThatOfAllWhoPayWithTheSameKey() {
    Failure exhausted = Reason.BUDGET_EXHAUSTED.because("nothing is left");
    story.leads(asked("r1").payingWith("poor").build());
    Follower same = story.follows(asked("r2").payingWith("poor").build());

    var release = (Effect.Release) story.refused("d-r1", exhausted).getFirst();

    assertThat(story.flights.getOpen()).isNull();
    assertThat(release.failureOf(same, exhausted)).isEqualTo(exhausted);
    assertThat(story.restored(story.now)).as("after a crash").containsExactly(release(release));
  }

  @Test
  void whatWasHeldBackGoesOutOnceAndOnlyWhileNobodyCallsForIt() {
    story.leads(leader);

    assertThat(story.later(Duration.ofSeconds(9)).handedOut("d-r1"))
        .singleElement()
        .isInstanceOf(Effect.Emit.class);
    assertThat(story.open().getEmittedAt()).isEqualTo(story.now);
    story.started(attempt());
    assertThat(story.handedOut("d-r1")).isEmpty();
    assertThat(story.refused("d-r1", Reason.BUDGET_BUSY.because("later"))).isEmpty();
    assertThat(story.handedOut("d-r2")).isEmpty();
  }

  private Effect.Release release(Effect.Release before) {
    return new Effect.Release(story.settled(), before.outcome());
  }

  private List<String> heardOf(List<Effect> effects) {
    var release = (Effect.Release) effects.getFirst();
    var ids = new ArrayList<String>();
    ids.add(release.settled().getLeader().getId());
    story.followers.stream()
        .filter(release::answers)
        .map(f -> f.getRequest().getId())
        .forEach(ids::add);
    return ids;
  }

  private static AnAttempt attempt() {
    return anAttempt("a1").at("d-r1");
  }

  private static ARequest asked(String id) {
    return aRequest().withId(id).acceptedAt(Story.NOON).dueBy(Story.NOON.plusSeconds(3600));
  }
}
