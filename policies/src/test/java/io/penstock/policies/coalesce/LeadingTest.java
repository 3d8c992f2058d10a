package io.penstock.policies.coalesce;

import static io.penstock.policies.ARequest.aRequest;
import static io.penstock.policies.AnAttempt.anAttempt;
import static io.penstock.policies.coalesce.Story.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.policies.ARequest;
import io.penstock.policies.Reason;
import io.penstock.schemas.Messages;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Follower;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who leads, who follows, and who is only looked at again. */
class LeadingTest {
  private final Story story = new Story();

  private static ARequest asked(String id) {
    return aRequest().withId(id).acceptedAt(NOON).dueBy(NOON.plusSeconds(30));
  }

  @Test
  void theFirstRequestOpensAFlightAndIsDispatched() {
    var effects = story.leads(asked("r1").build());

    Flight flight = story.open();
    assertThat(effects).containsExactly(new Effect.Emit(flight));
    assertThat(flight.getDispatchId()).isEqualTo("d-r1");
    assertThat(flight.getGroup()).isEqualTo("d-r1");
    assertThat(flight.getLeader()).isEqualTo(asked("r1").build());
    assertThat(flight.getLane()).isEqualTo(Lane.STANDARD);
    assertThat(flight.getPlan()).isEqualTo(Story.PLAN);
    assertThat(flight.getDeadlineAt()).isEqualTo(NOON.plusSeconds(30));
    assertThat(flight.getEmittedAt()).isEqualTo(NOON);
    assertThat(flight.getAttempts()).isZero();
    assertThat(flight.getHandovers()).isZero();
    assertThat(flight.getLive()).isEmpty();
  }

  @Test
  void aRequestWithoutADeadlineWasNeverAdmitted() {
    var unadmitted = aRequest().dueBy(null).build();

    assertThatThrownBy(() -> story.leads(unadmitted))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("deadline");
  }

  @Test
  void aLeaderReadAgainIsRecognised() {
    story.leads(asked("r1").build());

    assertThat(SingleFlight.leads(story.flights, asked("r1").build())).isTrue();
    assertThat(SingleFlight.leads(story.flights, asked("r2").build())).isFalse();
  }

  @Test
  void aLeaderReadAgainIsRecognisedAfterItsAnswer() {
    story.leads(asked("r1").build());
    story.started(anAttempt("a1"));
    story.seen(anAttempt("a1").answered("yes"));

    assertThat(SingleFlight.leads(story.flights, asked("r1").build())).isTrue();
    assertThat(SingleFlight.leads(story.flights, asked("r2").build())).isFalse();
  }

  @Test
  void aRepeatThatIsRepliedElsewhereIsNotTheSameLeader() {
    story.leads(asked("r1").repliedTo(0).build());

    assertThat(SingleFlight.leads(story.flights, asked("r1").repliedTo(1).build())).isFalse();
    assertThat(SingleFlight.leads(story.flights, asked("r1").repliedTo(null).build())).isFalse();
  }

  @Test
  void nobodyLeadsAFingerprintThatNobodyAskedFor() {
    assertThat(SingleFlight.leads(SingleFlight.none(), asked("r1").build())).isFalse();
  }

  @Test
  void aFollowerKeepsItsLaneAndDeadlineAndLeavesItsTextWithTheLeader() {
    story.leads(asked("r1").build());

    var follower = story.follows(asked("r2").dueBy(NOON.plusSeconds(5)).build(), Lane.EXPRESS);

    assertThat(follower.getLane()).isEqualTo(Lane.EXPRESS);
    assertThat(follower.getRequest().getId()).isEqualTo("r2");
    assertThat(follower.getRequest().getDeadlineAt()).isEqualTo(NOON.plusSeconds(5));
    assertThat(follower.getRequest().getMessages()).isEmpty();
    assertThat(follower.getEcho()).isFalse();
  }

  @Test
  void aRepeatOfTheLeaderFollowsAsItsEcho() {
    story.leads(asked("r1").repliedTo(0).build());

    assertThat(story.follows(asked("r1").repliedTo(1).build()).getEcho()).isTrue();
  }

  @Test
  void anAnswerReachesTheLeaderItsFollowersAndItsEcho() {
    story.leads(asked("r1").repliedTo(0).build());
    var follower = story.follows(asked("r2").build());
    var echo = story.follows(asked("r1").repliedTo(1).build());
    story.started(anAttempt("a1"));

    var release = onlyRelease(story.seen(anAttempt("a1").answered("yes")));

    assertThat(release.settled().getAlone()).isFalse();
    assertThat(release.settled().getLeader())
        .isEqualTo(asked("r1").repliedTo(0).withoutTurns().build());
    assertThat(List.of(follower, echo)).allMatch(release::answers);
  }

  @Test
  void aLeaderLeftAmongItsOwnFollowersByACrashHearsOnlyOnce() {
    story.leads(asked("r1").repliedTo(0).build());
    story.started(anAttempt("a1"));
    var left = new Follower(asked("r1").repliedTo(0).build(), Lane.STANDARD, false, null);

    var release = onlyRelease(story.seen(anAttempt("a1").answered("yes")));

    assertThat(release.answers(left)).isFalse();
  }

  @Test
  void aLeaderThatFailsAloneTakesItsEchoAlongAndNobodyElse() {
    story.leads(asked("r1").repliedTo(0).build());
    var follower = story.follows(asked("r2").build());
    var echo = story.follows(asked("r1").repliedTo(1).build());
    story.started(anAttempt("a1"));

    var failure = onlyRelease(story.seen(anAttempt("a1").failed(Reason.PROVIDER_ERROR)));
    story.started(anAttempt("a2").at("d-r2"));
    var answer = onlyRelease(story.seen(anAttempt("a2").at("d-r2").answered("yes")));

    assertThat(failure.settled().getAlone()).isTrue();
    assertThat(failure.answers(echo)).isTrue();
    assertThat(failure.answers(follower)).isFalse();
    assertThat(answer.answers(echo)).as("it was told otherwise").isFalse();
  }

  @Test
  void aRepeatOfAFollowerBecomesAnEchoWhenThatFollowerIsPromoted() {
    story.leads(asked("r1").build());
    story.follows(asked("r2").repliedTo(0).build());
    var repeat = story.follows(asked("r2").repliedTo(1).build());
    var other = story.follows(asked("r3").build());
    story.started(anAttempt("a1"));

    var effects = story.seen(anAttempt("a1").failed(Reason.PROVIDER_ERROR));

    var promote = (Effect.Promote) effects.get(1);
    assertThat(promote.echoes(repeat)).isTrue();
    assertThat(promote.echoes(other)).isFalse();
  }

  @Test
  void anEchoNeverLeads() {
    story.leads(asked("r1").repliedTo(0).build());
    story.follows(asked("r1").repliedTo(1).build());
    story.started(anAttempt("a1"));

    var release = onlyRelease(story.seen(anAttempt("a1").failed(Reason.PROVIDER_ERROR)));

    assertThat(release.settled().getAlone()).isFalse();
    assertThat(story.flights.getOpen()).isNull();
  }

  @Test
  void theFollowerThatWasAcceptedFirstLeadsNext() {
    story.leads(asked("r1").asking("What is it?").build());
    story.follows(asked("r3").acceptedAt(NOON.plusMillis(2)).build());
    var first = story.follows(asked("r2").acceptedAt(NOON.plusMillis(1)).build(), Lane.EXPRESS);
    story.follows(asked("r4").acceptedAt(NOON.plusMillis(1)).build());
    story.started(anAttempt("a1"));

    var effects =
        story.later(Duration.ofSeconds(1)).seen(anAttempt("a1").failed(Reason.RATE_LIMITED));

    Flight next = story.open();
    assertThat(effects)
        .containsExactly(
            new Effect.Release(
                story.settled(),
                new Effect.Outcome.Failed(Reason.RATE_LIMITED.because("as the test says"))),
            new Effect.Promote("d-r1", first),
            new Effect.Emit(next));
    assertThat(story.settled().getAlone()).isTrue();
    assertThat(next.getDispatchId()).isEqualTo("d-r2");
    assertThat(next.getGroup()).as("the other followers wait there").isEqualTo("d-r1");
    assertThat(next.getLane()).as("its own").isEqualTo(Lane.EXPRESS);
    assertThat(next.getLeader().getMessages())
        .containsExactly(Messages.text("user", "What is it?"));
    assertThat(next.getHandovers()).isEqualTo(1);
    assertThat(next.getAttempts()).isZero();
    assertThat(next.getEmittedAt()).isEqualTo(NOON.plusSeconds(1));
  }

  @Test
  void ofFollowersAcceptedTogetherTheIdDecidesSoThatEveryoneWouldChooseTheSame() {
    story.leads(asked("r1").build());
    story.follows(asked("r4").build());
    story.follows(asked("r2").acceptedAt(null).build());
    var next = story.follows(asked("r3").build());
    story.started(anAttempt("a1"));

    assertThat(story.later(Duration.ofSeconds(1)).seen(anAttempt("a1").failed(Reason.RATE_LIMITED)))
        .contains(new Effect.Promote("d-r1", next));
  }

  @Test
  void aFollowerWhoseDeadlineHasPassedDoesNotLead() {
    story.leads(asked("r1").build());
    story.follows(asked("r2").dueBy(NOON.plusSeconds(2)).build());
    var patient = story.follows(asked("r3").acceptedAt(NOON.plusSeconds(1)).build());
    story.started(anAttempt("a1"));

    var effects =
        story.later(Duration.ofSeconds(2)).seen(anAttempt("a1").failed(Reason.RATE_LIMITED));

    assertThat(effects).contains(new Effect.Promote("d-r1", patient));
  }

  @Test
  void aFailureThatWillNotPassIsEveryonesAtOnce() {
    story.leads(asked("r1").build());
    story.follows(asked("r2").build());
    story.started(anAttempt("a1"));

    var release = onlyRelease(story.seen(anAttempt("a1").failed(Reason.PROVIDER_REJECTED)));

    assertThat(release.settled().getAlone()).isFalse();
    assertThat(release.outcome())
        .isEqualTo(new Effect.Outcome.Failed(Reason.PROVIDER_REJECTED.because("as the test says")));
    assertThat(story.flights.getOpen()).isNull();
  }

  @Test
  void afterTheLastHandoverAFailureIsEveryones() {
    story.leads(asked("r0").build());
    for (int i = 1; i <= Rules.DEFAULT.maxHandovers() + 2; i++) {
      story.follows(asked("r" + i).acceptedAt(NOON.plusMillis(i)).build());
    }
    for (int i = 0; i < Rules.DEFAULT.maxHandovers(); i++) {
      story.started(anAttempt("a" + i).at("d-r" + i));
      var effects = story.seen(anAttempt("a" + i).at("d-r" + i).failed(Reason.PROVIDER_ERROR));
      assertThat(effects).as("failure %s", i).hasSize(3);
    }
    story.started(anAttempt("a3").at("d-r3"));

    var release = onlyRelease(story.seen(anAttempt("a3").at("d-r3").failed(Reason.PROVIDER_ERROR)));

    assertThat(release.settled().getAlone()).isFalse();
    assertThat(story.flights.getOpen()).isNull();
  }

  private static Effect.Release onlyRelease(List<Effect> effects) {
    List<Effect.Release> releases =
        effects.stream()
            .filter(Effect.Release.class::isInstance)
            .map(Effect.Release.class::cast)
            .toList();
    assertThat(releases).hasSize(1);
    return releases.getFirst();
  }
}
