package io.penstock.policies.coalesce;

import static io.penstock.policies.ARequest.aRequest;
import static io.penstock.policies.AnAttempt.anAttempt;
import static io.penstock.policies.coalesce.Story.LEASE;
import static io.penstock.policies.coalesce.Story.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.InferenceRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What workers reported, read again after a crash. */
class SecondReportTest {
  private static final InferenceRequest LEADER =
      aRequest().withId("r1").acceptedAt(NOON).dueBy(NOON.plusSeconds(60)).build();

  private final Story story = new Story();

  @BeforeEach
  void aLeaderIsInFlight() {
    story.leads(LEADER);
  }

  @Test
  void aSecondLookAtAnyRecordOfAnOpenFlightChangesNothing() {
    story.started(anAttempt("a1"));
    assertNothingChanges(() -> story.started(anAttempt("a1")));

    AttemptEnded retrying = anAttempt("a1").failedToRetryAfter(Duration.ofSeconds(1));
    story.seen(retrying, new Money(7));
    story.later(Duration.ofSeconds(1));
    assertNothingChanges(() -> story.started(anAttempt("a1")));
    assertNothingChanges(() -> story.seen(retrying, new Money(7)));
  }

  @Test
  void aSecondLookAtALostAttemptDoesNotHideThatItsSuccessorMayBeLost() {
    story.started(anAttempt("a1"));
    story.later(LEASE).due();
    story.restored(story.now);

    assertNothingChanges(() -> story.started(anAttempt("a1")));
    assertThat(story.open().getStartBy()).isNotNull();
  }

  @Test
  void aSecondLookAtTheEndSaysTheSameAgain() {
    story.started(anAttempt("a1"));
    AttemptEnded answered = anAttempt("a1").answered("yes");
    var first = story.seen(answered);

    assertNothingChangesBut(
        first, () -> story.started(anAttempt("a1")), () -> story.seen(answered));
  }

  @Test
  void aSecondLookAtAFailureSaysTheSameAgainAndPromotesNobodyAnew() {
    story.follows(aRequest().withId("r2").dueBy(NOON.plusSeconds(60)).build());
    story.started(anAttempt("a1"));
    AttemptEnded failed = anAttempt("a1").failed(Reason.PROVIDER_ERROR);
    var first = story.seen(failed);
    assertThat(first).hasSize(3);

    assertNothingChangesBut(
        first.subList(0, 1), () -> story.started(anAttempt("a1")), () -> story.seen(failed));
  }

  @Test
  void aSecondLookAtADropSaysTheSameAgainAndPromotesNobodyAnew() {
    story.follows(aRequest().withId("r2").dueBy(NOON.plusSeconds(60)).build());
    var first = story.dropped("d-r1", Reason.DEADLINE_EXCEEDED);
    assertThat(first).hasSize(3);

    assertNothingChangesBut(
        first.subList(0, 1), () -> story.dropped("d-r1", Reason.DEADLINE_EXCEEDED));
  }

  private void assertNothingChanges(Supplier<List<Effect>> step) {
    assertNothingChangesBut(List.of(), step);
  }

  /** The steps leave the state as it is, and together cause {@code effects}. */
  @SafeVarargs
  private void assertNothingChangesBut(List<Effect> effects, Supplier<List<Effect>>... steps) {
    Flights before = story.flights;
    var caused = new ArrayList<Effect>();
    for (var step : steps) {
      caused.addAll(step.get());
    }
    assertThat(caused).isEqualTo(effects);
    assertThat(story.flights).isEqualTo(before);
  }
}
