package io.penstock.topology;

import static io.penstock.topology.Requesting.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.CacheControl;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.ResponseFormat;
import io.penstock.schemas.avro.ServedBy;
import io.penstock.schemas.avro.Status;
import io.penstock.schemas.avro.ToolCall;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What requests say about our caches, and what becomes of it. */
final class CacheControlTest {
  private static final CacheControl NO_CACHE = new CacheControl(null, true, false, false);
  private static final CacheControl NO_STORE = new CacheControl(null, false, true, false);
  private static final CacheControl ONLY_IF_CACHED = new CacheControl(null, false, false, true);

  private final TestingTopology topology = new TestingTopology();

  @AfterEach
  void close() {
    topology.close();
  }

  @Test
  void anAnswerOlderThanARequestAllowsIsAskedForAnew() {
    answered("hello");
    topology.pass(Duration.ofSeconds(10));

    topology.ask(aRequest("hello").caching(maxAge(10)).acceptedAt(topology.now()).build());
    assertThat(only(topology.responses()).getServedBy()).isEqualTo(ServedBy.EXACT);

    topology.ask(aRequest("hello").caching(maxAge(9)).acceptedAt(topology.now()).build());
    assertThat(topology.responses()).isEmpty();
    assertThat(topology.dispatches()).hasSize(1);
  }

  @Test
  void whoAsksAnewGetsACallAndRenewsWhatOthersAreServed() {
    answered("hello");

    topology.ask(aRequest("hello").caching(NO_CACHE).build());
    Dispatch dispatch = only(topology.dispatches());
    topology.answer(dispatch, topology.start(dispatch), "hi again");
    topology.responses();

    topology.ask(aRequest("hello").build());
    assertThat(only(topology.responses()).getAnswer().getText()).isEqualTo("hi again");
  }

  @Test
  void whoAsksAnewMayShareACallThatIsUnderWay() {
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = only(topology.dispatches());
    topology.ask(aRequest("hello").caching(NO_CACHE).build());
    assertThat(topology.dispatches()).isEmpty();

    topology.answer(dispatch, topology.start(dispatch), "hi");
    assertThat(topology.responses())
        .extracting(InferenceResponse::getServedBy)
        .containsExactly(ServedBy.PROVIDER, ServedBy.COALESCED);
  }

  @Test
  void theLeadersWordDecidesWhetherAnAnswerIsKept() {
    topology.ask(aRequest("hello").caching(NO_STORE).build());
    Dispatch dispatch = only(topology.dispatches());
    topology.ask(aRequest("hello").build());
    topology.answer(dispatch, topology.start(dispatch), "hi");
    assertThat(topology.responses()).hasSize(2);
    assertThat(topology.entries("answers")).isZero();

    topology.ask(aRequest("other").build());
    Dispatch other = only(topology.dispatches());
    topology.ask(aRequest("other").caching(NO_STORE).build());
    topology.answer(other, topology.start(other), "hi");
    assertThat(topology.entries("answers")).isEqualTo(1);
  }

  @Test
  void whatIsNotCachedIsNotCalledForEither() {
    topology.ask(aRequest("hello").caching(ONLY_IF_CACHED).build());

    InferenceResponse response = only(topology.responses());
    assertThat(response.getStatus()).isEqualTo(Status.REJECTED);
    assertThat(response.getFailure().getCode()).isEqualTo(Reason.NOT_CACHED.code());
    assertThat(topology.dispatches()).isEmpty();
    assertThat(topology.entries("flights")).isZero();
  }

  @Test
  void whatIsCachedServesThoseWhoWantNoCall() {
    answered("hello");

    topology.ask(aRequest("hello").caching(ONLY_IF_CACHED).build());

    assertThat(only(topology.responses()).getServedBy()).isEqualTo(ServedBy.EXACT);
  }

  @Test
  void whoWantsNoCallSharesOneThatIsUnderWay() {
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = only(topology.dispatches());
    topology.ask(aRequest("hello").caching(ONLY_IF_CACHED).withId("only").build());
    assertThat(topology.responses()).isEmpty();

    topology.answer(dispatch, topology.start(dispatch), "hi");
    assertThat(topology.responses())
        .extracting(InferenceResponse::getServedBy)
        .containsExactly(ServedBy.PROVIDER, ServedBy.COALESCED);
  }

  @Test
  void whoWantsNoCallNeverLeadsOneAfterAFailure() {
    topology.ask(aRequest("hello").withId("leader").build());
    Dispatch dispatch = only(topology.dispatches());
    topology.ask(aRequest("hello").caching(ONLY_IF_CACHED).withId("only").build());

    topology.fail(dispatch, topology.start(dispatch), Reason.PROVIDER_ERROR.because("it broke"));

    assertThat(topology.dispatches()).isEmpty();
    assertThat(topology.responses())
        .extracting(InferenceResponse::getId)
        .containsExactly("leader", "only");
  }

  @Test
  void whoWantsNoCallWaitsForTheNextLeader() {
    topology.ask(aRequest("hello").withId("leader").build());
    Dispatch dispatch = only(topology.dispatches());
    topology.ask(aRequest("hello").caching(ONLY_IF_CACHED).withId("only").build());
    topology.ask(aRequest("hello").withId("next").build());

    topology.fail(dispatch, topology.start(dispatch), Reason.PROVIDER_ERROR.because("it broke"));
    Dispatch handedOver = only(topology.dispatches());
    assertThat(only(topology.responses()).getId()).isEqualTo("leader");
    topology.answer(handedOver, topology.start(handedOver), "hi");

    assertThat(topology.responses())
        .extracting(InferenceResponse::getId)
        .containsExactly("next", "only");
  }

  @Test
  void aCompleteToolCallIsServedAgainWithAllItsParts() {
    topology.ask(aRequest("weather?").build());
    Dispatch dispatch = only(topology.dispatches());
    var call = new ToolCall("c1", "weather", "{\"city\":\"Oslo\"}", null);
    Answer calling =
        Answer.newBuilder(Answers.text("", "tool_calls")).setParts(List.of(call)).build();
    topology.end(dispatch, topology.start(dispatch), calling, Tokens.plain(10, 20), null);
    topology.responses();

    topology.ask(aRequest("weather?").build());

    assertThat(only(topology.responses()).getAnswer()).isEqualTo(calling);
  }

  @Test
  void anAnswerThatShouldBeJsonAndIsNotIsGivenAndNotKept() {
    var json =
        Options.newBuilder()
            .setResponseFormat(new ResponseFormat("json_object", null, null, null, null))
            .build();
    topology.ask(aRequest("hello").with(json).build());
    Dispatch dispatch = only(topology.dispatches());

    topology.answer(dispatch, topology.start(dispatch), "{\"cut");

    assertThat(only(topology.responses()).getStatus()).isEqualTo(Status.ANSWERED);
    assertThat(topology.entries("answers")).isZero();
  }

  @Test
  void theProvidersAdviceOnWhenToTryAgainReachesTheRequester() {
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = only(topology.dispatches());
    Failure limited = Reason.RATE_LIMITED.because("too many calls");
    Failure advised = Failure.newBuilder(limited).setRetryAfterMs(7_000L).build();

    topology.fail(dispatch, topology.start(dispatch), advised);

    assertThat(only(topology.responses()).getFailure().getRetryAfterMs()).isEqualTo(7_000L);
  }

  private void answered(String question) {
    topology.ask(aRequest(question).build());
    Dispatch dispatch = only(topology.dispatches());
    topology.answer(dispatch, topology.start(dispatch), "hi");
    topology.responses();
    topology.pass(Duration.ZERO);
  }

  private static CacheControl maxAge(long seconds) {
    return new CacheControl(Duration.ofSeconds(seconds).toMillis(), false, false, false);
  }

  private static <T> T only(List<T> list) {
    assertThat(list).hasSize(1);
    return list.getFirst();
  }
}
