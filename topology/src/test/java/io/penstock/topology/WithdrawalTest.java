package io.penstock.topology;

import static io.penstock.topology.Requesting.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.Cancellation;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.DispatchDropped;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Status;
import io.penstock.topology.flow.StateStores;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requesters that leave before their answer is there. */
final class WithdrawalTest {
  private final TestingTopology topology = new TestingTopology();
  private final InferenceRequest leader = aRequest("hello").withId("leader").build();
  private final InferenceRequest follower = aRequest("hello").withId("follower").build();

  @AfterEach
  void close() {
    topology.close();
  }

  @Test
  void aCallThatNobodyWaitsForIsCancelledAndItsRequesterToldHowItEnded() {
    topology.ask(leader);
    Dispatch dispatch = only(topology.dispatches());
    Attempt attempt = topology.start(dispatch);

    topology.withdraw(leader);

    Cancellation cancellation = only(topology.cancellations());
    assertThat(cancellation.getDispatchId()).isEqualTo(dispatch.getId());
    assertThat(cancellation.getTenant()).isEqualTo("default");
    assertThat(topology.responses()).isEmpty();

    topology.end(dispatch, attempt, Reason.WITHDRAWN.because("hung up"), Tokens.plain(10, 2), null);
    InferenceResponse response = only(topology.responses());
    assertThat(response.getId()).isEqualTo("leader");
    assertThat(response.getStatus()).isEqualTo(Status.FAILED);
    assertThat(response.getFailure().getCode()).isEqualTo(Reason.WITHDRAWN.code());
    assertThat(response.getSpentPicoUsd()).isEqualTo(16);
    assertThat(only(topology.costs()).getSpentPicoUsd()).isEqualTo(16);
  }

  @Test
  void anAnswerThatComesAnywayIsGivenAndKept() {
    topology.ask(leader);
    Dispatch dispatch = only(topology.dispatches());
    Attempt attempt = topology.start(dispatch);
    topology.withdraw(leader);

    topology.answer(dispatch, attempt, "hi");

    assertThat(only(topology.responses()).getStatus()).isEqualTo(Status.ANSWERED);
    assertThat(topology.entries(StateStores.ANSWERS)).isEqualTo(1);
  }

  @Test
  void aFollowerThatLeavesIsToldAtOnceAndNothingIsCancelled() {
    topology.ask(leader);
    Dispatch dispatch = only(topology.dispatches());
    topology.ask(follower);

    topology.withdraw(follower);

    InferenceResponse told = only(topology.responses());
    assertThat(told.getId()).isEqualTo("follower");
    assertThat(told.getFailure().getCode()).isEqualTo(Reason.WITHDRAWN.code());
    assertThat(told.getSpentPicoUsd()).isZero();
    assertThat(told.getCompletedAt()).isEqualTo(topology.now());
    assertThat(topology.cancellations()).isEmpty();
    topology.answer(dispatch, topology.start(dispatch), "hi");
    assertThat(only(topology.responses()).getId()).isEqualTo("leader");
  }

  @Test
  void aSecondLookAtAWithdrawalSaysTheSameAgain() {
    topology.ask(leader);
    topology.ask(follower);
    topology.withdraw(follower);
    List<InferenceResponse> told = topology.responses();
    topology.changelog(StateStores.FLIGHTS);

    topology.withdraw(follower);
    topology.ask(follower);

    assertThat(topology.responses()).isEqualTo(told);
    assertThat(topology.changelog(StateStores.FLIGHTS)).isEmpty();
  }

  @Test
  void whoAsksWhileACancelledCallIsOpenGetsACallOfItsOwn() {
    topology.ask(leader);
    Dispatch cancelled = only(topology.dispatches());
    topology.withdraw(leader);
    topology.ask(follower);
    assertThat(topology.dispatches()).isEmpty();

    topology.report(
        cancelled.getFingerprint(),
        new DispatchDropped(cancelled.getId(), Reason.WITHDRAWN.because("nobody waits")));

    assertThat(only(topology.responses()).getId()).isEqualTo("leader");
    Dispatch own = only(topology.dispatches());
    assertThat(own.getId()).isEqualTo("d-follower");
    topology.answer(own, topology.start(own), "hi");
    InferenceResponse answered = only(topology.responses());
    assertThat(answered.getId()).isEqualTo("follower");
    assertThat(answered.getStatus()).isEqualTo(Status.ANSWERED);
  }

  @Test
  void nothingIsForgottenOfAWithdrawnRequestUntilItEndsAndThenEverythingIs() {
    topology.ask(leader);
    Dispatch dispatch = only(topology.dispatches());
    Attempt attempt = topology.start(dispatch);
    topology.ask(follower);
    topology.withdraw(follower);
    topology.withdraw(leader);
    assertThat(topology.entries(StateStores.FOLLOWERS)).isEqualTo(1);

    topology.fail(dispatch, attempt, Reason.WITHDRAWN.because("hung up"));
    topology.pass(Duration.ofSeconds(6));

    assertThat(topology.entries(StateStores.FOLLOWERS)).isZero();
    assertThat(topology.entries(StateStores.FLIGHTS)).isZero();
  }

  @Test
  void aWithdrawalOfWhatNobodyAskedIsNothing() {
    topology.withdraw(leader);

    assertThat(topology.responses()).isEmpty();
    assertThat(topology.cancellations()).isEmpty();
    assertThat(topology.changelog(StateStores.FLIGHTS)).isEmpty();
    topology.ask(leader);
    assertThat(topology.dispatches()).hasSize(1);
  }

  @Test
  void anUnreadableWithdrawalGoesToTheDeadLetters() {
    topology.withdrawUnreadably(new byte[] {1, 2, 3});

    assertThat(topology.deadLetters()).hasSize(1);
  }

  private static <T> T only(List<T> list) {
    assertThat(list).hasSize(1);
    return list.getFirst();
  }
}
