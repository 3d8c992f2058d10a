package io.penstock.topology;

import static io.penstock.topology.Requesting.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.policies.exactcache.Freshness;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.ServedBy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** After a crash the topology reads again what came in since its last commit. */
final class SecondLookTest {
  private final TestingTopology topology = new TestingTopology();

  @AfterEach
  void close() {
    topology.close();
  }

  @Test
  void aLeaderReadAgainIsNotDispatchedAgain() {
    InferenceRequest leader = aRequest("hello").build();
    topology.ask(leader);
    topology.ask(leader);
    assertThat(topology.dispatches()).hasSize(1);
    assertThat(topology.responses()).isEmpty();
  }

  @Test
  void aFollowerReadAgainIsAnsweredOnce() {
    InferenceRequest follower = aRequest("hello").build();
    topology.ask(aRequest("hello").build());
    topology.ask(follower);
    topology.ask(follower);
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.answer(dispatch, topology.start(dispatch), "hi");
    assertThat(topology.responses())
        .extracting(InferenceResponse::getId)
        .containsOnlyOnce(follower.getId());
  }

  @Test
  void aSettledLeaderReadAgainIsNeitherCalledNorCountedAsACacheHit() {
    InferenceRequest leader = aRequest("hello").build();
    topology.ask(leader);
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.answer(dispatch, topology.start(dispatch), "hi");
    topology.responses();
    topology.costs();

    topology.ask(leader);
    assertThat(topology.dispatches()).isEmpty();
    assertThat(topology.costs()).isEmpty();
    assertThat(topology.responses()).isEmpty();
  }

  @Test
  void anEndReadAgainAnswersTheSameRequestersWithTheSameBodyAndTheSameEvents() {
    topology.ask(aRequest("hello").build());
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    Attempt attempt = topology.start(dispatch);
    AttemptEnded ended = topology.answer(dispatch, attempt, "hi");
    List<InferenceResponse> first = topology.responses();
    List<CostEvent> firstCosts = topology.costs();
    topology.pass(Duration.ofSeconds(1));

    topology.report(
        dispatch.getFingerprint(), new AttemptStarted(attempt, TestingTopology.LEASE.toMillis()));
    topology.report(dispatch.getFingerprint(), ended);
    assertThat(topology.responses()).containsExactlyInAnyOrderElementsOf(first);
    assertThat(topology.costs()).containsExactlyInAnyOrderElementsOf(firstCosts);
    assertThat(topology.dispatches()).isEmpty();
  }

  @Test
  void aFailureReadAgainIsToldAgainInTheSameWords() {
    topology.ask(aRequest("hello").build());
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    AttemptEnded ended =
        topology.fail(dispatch, topology.start(dispatch), Reason.PROVIDER_REJECTED.because("no"));
    List<InferenceResponse> first = topology.responses();
    topology.pass(Duration.ofSeconds(1));

    topology.report(dispatch.getFingerprint(), ended);
    assertThat(topology.responses()).hasSize(2).containsExactlyInAnyOrderElementsOf(first);
  }

  @Test
  void anExactHitReadAgainIsAHitAgainThoughTheAnswerHasGrownStaleMeanwhile() {
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.answer(dispatch, topology.start(dispatch), "hi");
    topology.pass(Freshness.DEFAULT.timeToLive().minusSeconds(1));
    topology.responses();
    topology.costs();
    InferenceRequest hit = aRequest("hello").acceptedAt(topology.now()).build();
    topology.ask(hit);
    List<CostEvent> first = topology.costs();
    assertThat(topology.responses()).hasSize(1);
    topology.pass(Duration.ofMinutes(10));

    topology.ask(hit);
    assertThat(topology.dispatches()).isEmpty();
    assertThat(topology.responses().getFirst().getServedBy()).isEqualTo(ServedBy.EXACT);
    assertThat(topology.costs()).isEqualTo(first);

    topology.ask(aRequest("hello").acceptedAt(topology.now()).build());
    assertThat(topology.dispatches()).as("who asks now wants a fresh answer").hasSize(1);
  }

  @Test
  void aDispatchThatNobodyStartsIsNotHandedOutAgainBeforeItsDeadline() {
    topology.ask(aRequest("hello").build());
    topology.dispatches();
    topology.pass(Duration.ofSeconds(100));
    assertThat(topology.dispatches()).isEmpty();
    assertThat(topology.responses()).isEmpty();
  }

  @Test
  void anEndThatNobodyWaitsForIsStillAccounted() {
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    Attempt attempt = topology.start(dispatch);
    topology.answer(dispatch, attempt, "hi");
    topology.pass(Duration.ofSeconds(6));
    topology.costs();
    topology.responses();

    Attempt late = topology.start(dispatch);
    topology.answer(dispatch, late, "again");
    assertThat(topology.costs())
        .extracting(CostEvent::getEventId)
        .containsExactly("attempt:" + late.getId());
    assertThat(topology.responses()).isEmpty();
  }

  @Test
  void anEventOfTheWrongKindOfBytesDoesNotStopTheResults() {
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.reportUnreadably(new byte[] {1, 2, 3});
    topology.answer(dispatch, topology.start(dispatch), "hi");
    assertThat(topology.deadLetters()).hasSize(1);
    assertThat(topology.responses()).hasSize(1);
  }

  @Test
  void aRepeatOfALeaderThatFailedAloneHearsWhatThatLeaderHeard() {
    topology.ask(aRequest("hello").withId("1").build());
    topology.ask(aRequest("hello").withId("1").answeredOn(0).build());
    topology.ask(aRequest("hello").withId("2").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.fail(dispatch, topology.start(dispatch), Reason.PROVIDER_ERROR.because("broken"));
    List<InferenceResponse> failed = topology.responses();
    assertThat(failed).hasSize(2).extracting(InferenceResponse::getId).containsOnly("1");
    assertThat(failed.get(1).getFailure()).isEqualTo(failed.get(0).getFailure());
    assertThat(failed.get(1).getSpentPicoUsd()).isEqualTo(failed.get(0).getSpentPicoUsd());

    Dispatch next = topology.dispatches().getFirst();
    topology.answer(next, topology.start(next), "hi");
    assertThat(topology.responses()).extracting(InferenceResponse::getId).containsExactly("2");
  }

  @Test
  void aRepeatOfAPromotedFollowerHearsWhatThatFollowerHears() {
    topology.ask(aRequest("hello").withId("1").build());
    topology.ask(aRequest("hello").withId("2").build());
    topology.ask(aRequest("hello").withId("2").answeredOn(0).build());
    topology.ask(aRequest("hello").withId("3").build());
    Dispatch first = topology.dispatches().getFirst();
    topology.fail(first, topology.start(first), Reason.PROVIDER_ERROR.because("broken"));
    topology.responses();
    Dispatch second = topology.dispatches().getFirst();
    topology.fail(second, topology.start(second), Reason.PROVIDER_ERROR.because("broken"));
    assertThat(topology.responses())
        .hasSize(2)
        .extracting(InferenceResponse::getId)
        .containsOnly("2");

    Dispatch third = topology.dispatches().getFirst();
    topology.answer(third, topology.start(third), "hi");
    assertThat(topology.responses()).extracting(InferenceResponse::getId).containsExactly("3");
  }
}
