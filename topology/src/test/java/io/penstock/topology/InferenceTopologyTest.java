package io.penstock.topology;

import static io.penstock.topology.Requesting.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.schemas.Names;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.avro.ServedBy;
import io.penstock.schemas.avro.Status;
import io.penstock.topology.flow.StateStores;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class InferenceTopologyTest {
  private final TestingTopology topology = new TestingTopology();

  @AfterEach
  void close() {
    topology.close();
  }

  @Test
  void aFreshRequestIsDispatchedOnItsLaneAndAnsweredByItsCall() {
    InferenceRequest request = aRequest("hello").build();
    topology.ask(Lane.EXPRESS, request);
    Dispatch dispatch = only(topology.dispatches(Lane.EXPRESS));
    topology.answer(dispatch, topology.start(dispatch), "hi");

    InferenceResponse response = only(topology.responses());
    assertThat(response.getId()).isEqualTo(request.getId());
    assertThat(response.getStatus()).isEqualTo(Status.ANSWERED);
    assertThat(response.getServedBy()).isEqualTo(ServedBy.PROVIDER);
    assertThat(response.getAnswer().getText()).isEqualTo("hi");
    assertThat(response.getSpentPicoUsd()).isEqualTo(10 + 3 * 20);
    assertThat(response.getAvoidedPicoUsd()).isZero();

    CostEvent cost = only(topology.costs());
    assertThat(cost.getCause()).isEqualTo(Cause.PROVIDER);
    assertThat(cost.getProvenance()).isEqualTo(Provenance.REPORTED);
    assertThat(cost.getSpentPicoUsd()).isEqualTo(70);
  }

  @Test
  void anEqualRequestAfterwardsIsServedFromTheExactCacheAndAvoidsTheCost() {
    answered(aRequest("hello").build(), "hi");
    topology.ask(aRequest("hello").build());

    InferenceResponse hit = only(topology.responses());
    assertThat(hit.getServedBy()).isEqualTo(ServedBy.EXACT);
    assertThat(hit.getAnswer().getText()).isEqualTo("hi");
    assertThat(hit.getSpentPicoUsd()).isZero();
    assertThat(hit.getAvoidedPicoUsd()).isEqualTo(70);
    assertThat(topology.dispatches()).isEmpty();
    CostEvent avoided = only(topology.costs());
    assertThat(avoided.getCause()).isEqualTo(Cause.EXACT);
    assertThat(avoided.getSpentPicoUsd()).isZero();
    assertThat(avoided.getAvoidedPicoUsd()).isEqualTo(70);
  }

  @Test
  void anAnswerGoesStaleAfterItsTimeToLiveAndIsForgotten() {
    answered(aRequest("hello").build(), "hi");
    topology.pass(Duration.ofHours(24).plusSeconds(1));
    topology.ask(aRequest("hello").build());
    assertThat(topology.dispatches()).hasSize(1);
    assertThat(topology.entries(StateStores.ANSWERS)).as("for who was accepted before").isOne();

    topology.pass(Duration.ofHours(1));
    assertThat(topology.entries(StateStores.ANSWERS)).isZero();
  }

  @Test
  void anotherTenantIsNeverServedFromTheCache() {
    answered(aRequest("hello").forTenant("a").build(), "hi");
    topology.ask(aRequest("hello").forTenant("b").build());
    assertThat(topology.responses()).isEmpty();
    assertThat(topology.dispatches()).hasSize(1);
  }

  @Test
  void followersReceiveTheLeadersAnswerAndOnlyTheLeaderPays() {
    InferenceRequest leader = aRequest("hello").build();
    InferenceRequest follower = aRequest("hello").build();
    topology.ask(leader);
    topology.ask(Lane.EXPRESS, follower);
    Dispatch dispatch = only(topology.dispatches());
    assertThat(topology.dispatches(Lane.EXPRESS)).isEmpty();
    topology.answer(dispatch, topology.start(dispatch), "hi");

    List<InferenceResponse> responses = topology.responses();
    assertThat(responses)
        .extracting(InferenceResponse::getId, InferenceResponse::getServedBy)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(leader.getId(), ServedBy.PROVIDER),
            org.assertj.core.groups.Tuple.tuple(follower.getId(), ServedBy.COALESCED));
    assertThat(responses.get(1).getLane()).isEqualTo(Lane.EXPRESS);
    assertThat(topology.costs())
        .extracting(CostEvent::getSpentPicoUsd, CostEvent::getAvoidedPicoUsd)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(70L, 0L),
            org.assertj.core.groups.Tuple.tuple(0L, 70L));
  }

  @Test
  void requestsThatWantAnAnswerOfTheirOwnNeitherJoinNorHit() {
    topology.ask(aRequest("hello").withoutCache().build());
    topology.ask(aRequest("hello").withoutCache().build());
    List<Dispatch> dispatches = topology.dispatches();
    assertThat(dispatches).hasSize(2);
    topology.answer(dispatches.get(0), topology.start(dispatches.get(0)), "one");
    assertThat(topology.responses()).hasSize(1);
    assertThat(topology.entries(StateStores.ANSWERS)).isZero();
  }

  @Test
  void aCutAnswerReachesItsRequesterButIsNotKept() {
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = only(topology.dispatches());
    topology.end(
        dispatch,
        topology.start(dispatch),
        io.penstock.schemas.Answers.text("hi", "length"),
        io.penstock.schemas.Tokens.plain(10, 20),
        null);
    assertThat(only(topology.responses()).getStatus()).isEqualTo(Status.ANSWERED);
    assertThat(topology.entries(StateStores.ANSWERS)).isZero();
  }

  @Test
  void aRequestWithAWrongKeyIsReKeyedAndServedLikeAnyOther() {
    answered(aRequest("hello").build(), "hi");
    topology.ask(Lane.STANDARD, "whatever", aRequest("hello").build());
    assertThat(only(topology.responses()).getServedBy()).isEqualTo(ServedBy.EXACT);
  }

  @Test
  void aRequestWithoutAKeyIsReKeyedOntoItsOwnLane() {
    topology.ask(Lane.BATCH, null, aRequest("hello").build());
    assertThat(topology.dispatches(Lane.BATCH)).hasSize(1);
  }

  @Test
  void anUnreadableRequestGoesToTheDeadLettersWithItsBytesAndTheReason() {
    byte[] rubbish = {9, 9, 9};
    topology.askUnreadably("k".getBytes(StandardCharsets.UTF_8), rubbish);
    topology.ask(aRequest("hello").build());

    var dead = only(topology.deadLetters());
    assertThat(dead.value()).isEqualTo(rubbish);
    assertThat(new String(dead.key(), StandardCharsets.UTF_8)).isEqualTo("k");
    assertThat(header(dead.headers(), Names.HEADER_REASON)).contains("Confluent wire format");
    assertThat(header(dead.headers(), Names.HEADER_TOPIC)).isEqualTo("penstock.requests.standard");
    assertThat(topology.dispatches()).hasSize(1);
  }

  @Test
  void aRequestThatUnpacksToMoreThanATopicTakesIsRejectedWhereItArrives() {
    topology.ask(Lane.STANDARD, "a wrong key", aRequest("x".repeat(6 * 1024 * 1024)).build());
    InferenceResponse response = only(topology.responses());
    assertThat(response.getStatus()).isEqualTo(Status.REJECTED);
    assertThat(response.getFailure().getCode()).isEqualTo(Reason.PROMPT_TOO_LARGE.code());
  }

  @Test
  void anInvalidRequestIsRejectedWithCodeAndField() {
    topology.ask(aRequest("  ").build());
    InferenceResponse response = only(topology.responses());
    assertThat(response.getStatus()).isEqualTo(Status.REJECTED);
    assertThat(response.getFailure().getCode()).isEqualTo(Reason.EMPTY_PROMPT.code());
    assertThat(response.getFailure().getField()).isEqualTo("prompt");
  }

  @Test
  void aRequestWhoseDeadlineHasPassedIsRejectedAndNothingIsCalled() {
    topology.ask(
        aRequest("hello")
            .acceptedAt(TestingTopology.START.minusSeconds(5))
            .dueBy(TestingTopology.START.minusSeconds(1))
            .build());
    assertThat(only(topology.responses()).getFailure().getCode())
        .isEqualTo(Reason.DEADLINE_EXCEEDED.code());
    assertThat(topology.dispatches()).isEmpty();
    assertThat(topology.costs()).isEmpty();
  }

  @Test
  void anAnswerThatIsThereAlreadyIsServedAfterTheDeadlineAsWell() {
    answered(aRequest("hello").build(), "hi");
    topology.ask(
        aRequest("hello")
            .acceptedAt(TestingTopology.START.minusSeconds(5))
            .dueBy(TestingTopology.START.minusSeconds(1))
            .build());
    assertThat(only(topology.responses()).getServedBy()).isEqualTo(ServedBy.EXACT);
  }

  @Test
  void autoIsTheDefaultModelAndAnUnpricedModelsCostIsUnknownNotZero() {
    topology.ask(aRequest("a").ofModel("auto").build());
    Dispatch dispatch = only(topology.dispatches());
    assertThat(dispatch.getPlan().getFirst().getModel()).isEqualTo(TestingTopology.MODEL);

    topology.ask(aRequest("b").ofModel("unpriced").build());
    Dispatch unpriced = only(topology.dispatches());
    topology.answer(unpriced, topology.start(unpriced), "hi");
    assertThat(only(topology.costs()).getSpentPicoUsd()).isNull();
    assertThat(only(topology.responses()).getSpentPicoUsd()).isNull();
  }

  @Test
  void nothingIsRememberedOfARequestOnceItIsSafelyOver() {
    answered(aRequest("hello").build(), "hi");
    assertThat(topology.entries(StateStores.FLIGHTS)).isOne();
    topology.pass(Duration.ofSeconds(6));
    assertThat(topology.entries(StateStores.FLIGHTS)).isZero();
    assertThat(topology.entries(StateStores.AGENDA)).isZero();
  }

  private void answered(InferenceRequest request, String text) {
    topology.ask(request);
    Dispatch dispatch = only(topology.dispatches());
    Attempt attempt = topology.start(dispatch);
    topology.answer(dispatch, attempt, text);
    topology.responses();
    topology.costs();
  }

  private static <T> T only(List<T> list) {
    assertThat(list).hasSize(1);
    return list.getFirst();
  }

  private static String header(org.apache.kafka.common.header.Headers headers, String name) {
    return new String(headers.lastHeader(name).value(), StandardCharsets.UTF_8);
  }
}
