package io.penstock.topology;

import static io.penstock.topology.Requesting.aRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.policies.Reason;
import io.penstock.policies.coalesce.Rules;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.DispatchDropped;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.avro.Status;
import io.penstock.topology.flow.StateStores;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Providers that fail, workers that vanish, deadlines that pass. */
final class FailureTest {
  private final TestingTopology topology = new TestingTopology();

  @AfterEach
  void close() {
    topology.close();
  }

  @Test
  void aFailureThatWillNotPassEndsLeaderAndFollowers() {
    topology.ask(aRequest("hello").build());
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.fail(dispatch, topology.start(dispatch), Reason.PROVIDER_REJECTED.because("no"));
    assertThat(topology.responses())
        .hasSize(2)
        .allSatisfy(r -> assertThat(r.getStatus()).isEqualTo(Status.FAILED))
        .allSatisfy(r -> assertThat(r.getFailure().getCode()).isEqualTo("provider_rejected"));
    assertThat(topology.dispatches()).isEmpty();
  }

  @Test
  void aFailureThatMayPassHandsTheFlightToTheNextFollower() {
    InferenceRequest leader = aRequest("hello").build();
    InferenceRequest second = aRequest("hello").build();
    InferenceRequest third = aRequest("hello").build();
    topology.ask(leader);
    topology.pass(Duration.ofMillis(1));
    topology.ask(second);
    topology.pass(Duration.ofMillis(1));
    topology.ask(third);
    Dispatch first = topology.dispatches().getFirst();
    topology.fail(first, topology.start(first), Reason.PROVIDER_OVERLOADED.because("busy"));

    assertThat(topology.responses())
        .extracting(InferenceResponse::getId, InferenceResponse::getStatus)
        .containsExactly(tuple(leader.getId(), Status.FAILED));
    Dispatch next = topology.dispatches().getFirst();
    assertThat(next.getRequests().getFirst().getId()).isEqualTo(second.getId());
    assertThat(next.getRequests().getFirst().getMessages()).isEqualTo(leader.getMessages());
    topology.answer(next, topology.start(next), "hi");
    assertThat(topology.responses())
        .extracting(InferenceResponse::getId, InferenceResponse::getStatus)
        .containsExactlyInAnyOrder(
            tuple(second.getId(), Status.ANSWERED), tuple(third.getId(), Status.ANSWERED));
  }

  @Test
  void aWorkerThatTriesAgainKeepsTheFlightOpenAndTheRequesterPaysForBothCalls() {
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.end(
        dispatch,
        topology.start(dispatch),
        Reason.ANSWER_GARBLED.because("not JSON"),
        Tokens.plain(10, 1),
        Duration.ofMillis(500));
    assertThat(topology.responses()).isEmpty();
    topology.pass(Duration.ofMillis(500));
    topology.answer(dispatch, topology.start(dispatch), "hi");

    assertThat(topology.responses().getFirst().getSpentPicoUsd()).isEqualTo(13 + 70);
    assertThat(topology.costs()).extracting(CostEvent::getSpentPicoUsd).containsExactly(13L, 70L);
    assertThat(topology.dispatches()).isEmpty();
  }

  @Test
  void aFailureThatReportedUsageOfAnUnpricedModelCostsAnUnknownAmountAndNotNothing() {
    topology.ask(aRequest("hello").ofModel("unpriced").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.end(
        dispatch,
        topology.start(dispatch),
        Reason.ANSWER_TOO_LARGE.because("too large"),
        Tokens.plain(10, 1),
        null);
    InferenceResponse failed = topology.responses().getFirst();
    assertThat(failed.getStatus()).isEqualTo(Status.FAILED);
    assertThat(failed.getSpentPicoUsd()).isNull();
    topology.ask(aRequest("hello").ofModel("unpriced").build());
    Dispatch again = topology.dispatches().getFirst();
    topology.end(
        again,
        topology.start(again),
        Reason.ANSWER_GARBLED.because("not JSON"),
        Tokens.plain(10, 1),
        Duration.ofMillis(500));
    topology.fail(again, topology.start(again), Reason.PROVIDER_REJECTED.because("no"));
    assertThat(topology.responses().getFirst().getSpentPicoUsd())
        .as("an unbilled attempt does not make the one before it known")
        .isNull();
  }

  @Test
  void aRefusedCallCostsNothingAndACutOneIsEstimated() {
    topology.ask(aRequest("a").build());
    topology.ask(aRequest("b").build());
    List<Dispatch> dispatches = topology.dispatches();
    topology.fail(
        dispatches.get(0),
        topology.start(dispatches.get(0)),
        Reason.RATE_LIMITED.because("slow down"));
    topology.fail(
        dispatches.get(1),
        topology.start(dispatches.get(1)),
        Reason.PROVIDER_TIMEOUT.because("too slow"));
    List<CostEvent> costs = topology.costs();
    assertThat(costs)
        .extracting(CostEvent::getProvenance)
        .containsExactly(Provenance.UNBILLED, Provenance.ESTIMATED);
    assertThat(costs.get(0).getSpentPicoUsd()).isZero();
    assertThat(costs.get(1).getSpentPicoUsd()).isPositive();
  }

  @Test
  void anExpiredLeaseIsWrittenOffAndDispatchedAgainUnderTheSameId() {
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    Attempt lost = topology.start(dispatch);
    topology.pass(TestingTopology.LEASE.plusMillis(200));

    Dispatch again = topology.dispatches().getFirst();
    assertThat(again.getId()).isEqualTo(dispatch.getId());
    assertThat(again.getFirstAttempt()).isEqualTo(2);
    CostEvent orphan = topology.costs().getFirst();
    assertThat(orphan.getProvenance()).isEqualTo(Provenance.ORPHANED);
    assertThat(orphan.getRevision()).isEqualTo(1);
    assertThat(orphan.getEventId()).isEqualTo("attempt:" + lost.getId());

    topology.answer(again, topology.start(again), "hi");
    assertThat(topology.responses()).hasSize(1);
    assertThat(topology.costs()).hasSize(1);
  }

  @Test
  void aLateEndOfAnOrphanReplacesItsEstimateAndAnswersOnlyOnce() {
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    Attempt slow = topology.start(dispatch);
    topology.pass(TestingTopology.LEASE.plusMillis(200));
    Dispatch again = topology.dispatches().getFirst();
    topology.answer(again, topology.start(again), "quick");
    assertThat(topology.responses()).hasSize(1);
    topology.costs();

    topology.answer(dispatch, slow, "late");
    assertThat(topology.responses()).isEmpty();
    CostEvent known = topology.costs().getFirst();
    assertThat(known.getEventId()).isEqualTo("attempt:" + slow.getId());
    assertThat(known.getRevision()).isEqualTo(1_000_000);
    assertThat(known.getProvenance()).isEqualTo(Provenance.REPORTED);
  }

  @Test
  void aRenewedLeaseIsNotLost() {
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    Attempt attempt = topology.start(dispatch);
    for (int i = 0; i < 4; i++) {
      topology.pass(TestingTopology.LEASE.minusSeconds(3));
      topology.report(
          dispatch.getFingerprint(),
          new io.penstock.schemas.avro.AttemptRenewed(
              attempt.getId(), dispatch.getId(), TestingTopology.LEASE.toMillis()));
    }
    assertThat(topology.costs()).isEmpty();
    assertThat(topology.dispatches()).isEmpty();
  }

  @Test
  void workersThatKeepVanishingEndTheRequestInsteadOfTryingForEver() {
    topology.ask(aRequest("hello").dueBy(TestingTopology.START.plus(Duration.ofHours(2))).build());
    for (int attempt = 0; attempt < 8; attempt++) {
      topology.start(topology.dispatches().getFirst());
      topology.pass(TestingTopology.LEASE.plusMillis(200));
    }
    assertThat(topology.dispatches()).isEmpty();
    assertThat(topology.responses().getFirst().getFailure().getCode())
        .isEqualTo(Reason.WORKERS_LOST.code());
  }

  @Test
  void aRequestThatNobodyWorksOnFailsAtItsDeadline() {
    topology.ask(aRequest("hello").dueBy(TestingTopology.START.plusSeconds(5)).build());
    topology.pass(Duration.ofSeconds(5).plus(Rules.DEFAULT.startGrace()).minusMillis(100));
    assertThat(topology.responses()).as("a start may still be heard of").isEmpty();
    topology.pass(Duration.ofMillis(200));
    InferenceResponse response = topology.responses().getFirst();
    assertThat(response.getStatus()).isEqualTo(Status.FAILED);
    assertThat(response.getFailure().getCode()).isEqualTo(Reason.DEADLINE_EXCEEDED.code());
    assertThat(topology.costs()).isEmpty();
  }

  @Test
  void aDispatchDroppedForTheLeadersDeadlineIsCarriedOnByAFollowerWithTime() {
    topology.ask(aRequest("hello").dueBy(TestingTopology.START.plusSeconds(5)).build());
    InferenceRequest patient =
        aRequest("hello").dueBy(TestingTopology.START.plusSeconds(500)).build();
    topology.ask(patient);
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.report(
        dispatch.getFingerprint(),
        new DispatchDropped(dispatch.getId(), Reason.DEADLINE_EXCEEDED.because("too late")));
    assertThat(topology.responses()).hasSize(1);
    Dispatch next = topology.dispatches().getFirst();
    assertThat(next.getRequests().getFirst().getId()).isEqualTo(patient.getId());
    assertThat(next.getDeadlineAt()).isEqualTo(TestingTopology.START.plusSeconds(500));
  }

  @Test
  void afterAFailureAnEqualRequestIsCalledForAnew() {
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.fail(dispatch, topology.start(dispatch), Reason.PROVIDER_REJECTED.because("no"));
    topology.ask(aRequest("hello").build());
    assertThat(topology.dispatches()).hasSize(1);
  }

  @Test
  void manyFollowersAreForgottenTogether() {
    topology.ask(aRequest("hello").build());
    for (int i = 0; i < 50; i++) {
      topology.ask(aRequest("hello").build());
    }
    assertThat(topology.entries(StateStores.FOLLOWERS)).isEqualTo(50);
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.answer(dispatch, topology.start(dispatch), "hi");
    assertThat(topology.responses()).hasSize(51);
    topology.pass(Duration.ofSeconds(6));
    assertThat(topology.entries(StateStores.FOLLOWERS)).isZero();
    assertThat(topology.entries(StateStores.AGENDA)).isZero();
  }
}
