package io.penstock.topology;

import static io.penstock.topology.Requesting.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Status;
import io.penstock.topology.flow.StateStores;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The same key of the same tenant is one request. */
final class IdempotencyTest {
  private final TestingTopology topology = new TestingTopology();

  @AfterEach
  void close() {
    topology.close();
  }

  @Test
  void aRepetitionGetsTheSameResponseAgainWithoutACall() {
    InferenceRequest request = keyed("hello");
    topology.ask(request);
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.answer(dispatch, topology.start(dispatch), "hi");
    InferenceResponse first = topology.responses().getFirst();
    topology.costs();
    topology.pass(Duration.ofHours(30));

    topology.ask(request);
    assertThat(topology.responses()).containsExactly(first);
    assertThat(topology.dispatches()).isEmpty();
    assertThat(topology.costs()).isEmpty();
  }

  @Test
  void aRepetitionWhileTheFirstIsInFlightWaitsForTheSameAnswerInItsOwnPlace() {
    topology.ask(keyed("hello"));
    topology.ask(aRequest("hello").withId("k").withIdempotencyKey("K").answeredOn(0).build());
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.answer(dispatch, topology.start(dispatch), "hi");
    List<InferenceResponse> responses = topology.responses();
    assertThat(responses).hasSize(2);
    assertThat(responses.get(0).getServedBy()).isEqualTo(responses.get(1).getServedBy());
    assertThat(responses.get(1).getReplyPartition()).isZero();
    assertThat(topology.costs()).hasSize(1);
  }

  @Test
  void theSameKeyForAnotherRequestIsRejected() {
    topology.ask(keyed("hello"));
    topology.ask(keyed("something else"));
    InferenceResponse rejected = topology.responses().getFirst();
    assertThat(rejected.getStatus()).isEqualTo(Status.REJECTED);
    assertThat(rejected.getFailure().getCode()).isEqualTo(Reason.IDEMPOTENCY_KEY_REUSED.code());
    assertThat(topology.dispatches()).hasSize(1);
  }

  @Test
  void whoGetsAKeyAfterItsTimeGetsNoAnswerOfTheRequestBefore() {
    topology.ask(keyed("hello"));
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.pass(Duration.ofSeconds(5));
    topology.answer(dispatch, topology.start(dispatch), "hi");
    topology.responses();
    topology.pass(Topics.REMEMBERED.minusSeconds(4));
    assertThat(topology.entries(StateStores.CLAIMS)).isZero();
    assertThat(topology.entries(StateStores.ANSWERED)).as("outlives its claim").isOne();

    topology.ask(keyed("something else"));

    assertThat(topology.responses()).isEmpty();
    assertThat(topology.dispatches()).hasSize(1);
  }

  @Test
  void aRequestThatIsRefusedLeavesItsKeyToAMendedOne() {
    topology.ask(keyed(" "));
    assertThat(topology.responses().getFirst().getFailure().getCode())
        .isEqualTo(Reason.EMPTY_PROMPT.code());

    topology.ask(keyed("hello"));

    assertThat(topology.responses()).isEmpty();
    assertThat(topology.dispatches()).hasSize(1);
  }

  @Test
  void theSameKeyOfAnotherTenantIsAnotherRequest() {
    topology.ask(keyed("hello"));
    topology.ask(
        aRequest("something else").withId("k2").forTenant("b").withIdempotencyKey("K").build());
    assertThat(topology.dispatches()).hasSize(2);
  }

  @Test
  void aKeyedRequestThatCameByFingerprintIsClaimedAllTheSame() {
    topology.ask(keyed("hello"));
    InferenceRequest other = keyed("something else");
    topology.ask(
        Lane.STANDARD, io.penstock.policies.fingerprint.Fingerprint.of(other).hex(), other);
    assertThat(topology.responses().getFirst().getFailure().getCode())
        .isEqualTo(Reason.IDEMPOTENCY_KEY_REUSED.code());
  }

  @Test
  void claimsAndResponsesAreForgottenAfterTheirTime() {
    topology.ask(keyed("hello"));
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.answer(dispatch, topology.start(dispatch), "hi");
    assertThat(topology.entries(StateStores.CLAIMS)).isOne();
    assertThat(topology.entries(StateStores.ANSWERED)).isOne();
    topology.pass(Duration.ofDays(3));
    assertThat(topology.entries(StateStores.CLAIMS)).isZero();
    assertThat(topology.entries(StateStores.ANSWERED)).isZero();
  }

  private static InferenceRequest keyed(String prompt) {
    return aRequest(prompt).withId("k").withIdempotencyKey("K").build();
  }
}
