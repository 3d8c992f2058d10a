package io.penstock.workers.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.DeltaKind;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.ToolCall;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnthropicStreamTest {
  private static final String START =
      "{'type':'message_start','message':{'model':'c-1','usage':{'input_tokens':3,"
          + "'cache_creation_input_tokens':12,'cache_read_input_tokens':7,'output_tokens':1,"
          + "'cache_creation':{'ephemeral_5m_input_tokens':8,'ephemeral_1h_input_tokens':4},"
          + "'service_tier':'standard'}}}";
  private static final String STOP = "{'type':'message_stop'}";

  @Test
  void aStreamIsReadToItsAnswerAndUsage() {
    var stream =
        Streams.of("anthropic")
            .events(
                START,
                block(0, "{'type':'text','text':''}"),
                "{'type':'ping'}",
                text(0, "Par"),
                text(0, "is."),
                stop(0),
                delta("end_turn", 9),
                STOP);
    assertThat(stream.over()).isTrue();
    assertThat(stream.pieces())
        .containsExactly(
            new Delta(DeltaKind.TEXT, 0, 0, "Par", null, null),
            new Delta(DeltaKind.TEXT, 0, 0, "is.", null, null));
    assertThat(stream.result())
        .isEqualTo(
            new Result.Answered(
                Answers.text("Paris.", "stop"),
                new Bill(
                    "c-1",
                    "standard",
                    new Tokens(3, 7, 8, 4, 9, 0, Tokens.Special.NONE),
                    List.of(),
                    null)));
  }

  @Test
  void laterCountsTakeThePlaceOfEarlierOnesAndNullsOfNone() {
    var bill =
        Streams.of("anthropic")
            .events(
                START,
                "{'type':'message_delta','delta':{'stop_reason':null},'usage':{'output_tokens':4}}",
                "{'type':'message_delta','delta':{'stop_reason':'end_turn'},'usage':{'input_tokens':null,"
                    + "'output_tokens':9,'cache_read_input_tokens':8,'server_tool_use':{'web_search_requests':2}}}",
                STOP)
            .result()
            .bill();
    assertThat(bill.usage())
        .isEqualTo(new Tokens(3, 8, 8, 4, 9, 0, new Tokens.Special(0, 0, 0, 2)));
  }

  @Test
  void thoughtsToolsAndWhatOnlyAnthropicKnowsAreKept() {
    var answer =
        Streams.of("anthropic")
            .events(
                START,
                block(0, "{'type':'thinking','thinking':'','signature':''}"),
                "{'type':'content_block_delta','index':0,'delta':{'type':'thinking_delta','thinking':'hm'}}",
                "{'type':'content_block_delta','index':0,'delta':{'type':'signature_delta','signature':'sig'}}",
                stop(0),
                block(1, "{'type':'redacted_thinking','data':'xyz'}"),
                stop(1),
                block(2, "{'type':'server_tool_use','id':'s','name':'web_search','input':{}}"),
                input(2, "{'q':"),
                input(2, "'a'}"),
                stop(2),
                block(3, "{'type':'tool_use','id':'t','name':'f','input':{}}"),
                input(3, ""),
                input(3, "{'a':1}"),
                stop(3),
                block(4, "{'type':'tool_use','id':'u','name':'g','input':{}}"),
                stop(4),
                block(5, "{'type':'text','text':''}"),
                stop(5),
                delta("tool_use", 9),
                STOP)
            .answer();
    assertThat(answer.getFinishReason()).isEqualTo("tool_calls");
    assertThat(answer.getParts())
        .isEqualTo(
            List.of(
                new Reasoning("hm", "sig", null),
                new Reasoning("", null, "xyz"),
                new RawPart(
                    "server_tool_use",
                    "{\"type\":\"server_tool_use\",\"id\":\"s\",\"name\":\"web_search\",\"input\":{\"q\":\"a\"}}",
                    null),
                new ToolCall("t", "f", "{\"a\":1}", null),
                new ToolCall("u", "g", "{}", null)));
  }

  @Test
  void theStopSequenceIsTold() {
    var answer =
        Streams.of("anthropic")
            .events(
                START,
                block(0, "{'type':'text','text':'a'}"),
                "{'type':'message_delta','delta':{'stop_reason':'stop_sequence','stop_sequence':'END'},'usage':{'output_tokens':1}}",
                STOP)
            .answer();
    assertThat(answer.getStopSequence()).isEqualTo("END");
    assertThat(answer.getText()).isEqualTo("a");
  }

  @Test
  void withoutItsLastEventAnAnswerIsNotComplete() {
    var failed =
        Streams.of("anthropic")
            .events(
                START,
                block(0, "{'type':'text','text':''}"),
                text(0, "12345678"),
                delta("end_turn", 9))
            .failure();
    assertThat(failed.reason()).isEqualTo(Reason.ANSWER_TRUNCATED);
    assertThat(failed.bill().model()).isEqualTo("c-1");
    assertThat(failed.bill().notes()).containsExactly(Bill.PARTIAL);
  }

  @Test
  void aStreamThatEndsEarlyIsBilledForItsInputAndCountedForItsOutput() {
    var bill =
        Streams.of("anthropic")
            .events(START, block(0, "{'type':'text','text':''}"), text(0, "12345678"))
            .failure()
            .bill();
    assertThat(bill.usage()).isEqualTo(new Tokens(3, 7, 8, 4, 1, 0, Tokens.Special.NONE));
    assertThat(bill.notes()).containsExactly(Bill.PARTIAL);
    assertThat(bill.counted()).isEqualTo(new Tokens(3, 7, 8, 4, 2, 0, Tokens.Special.NONE));
  }

  @ParameterizedTest(name = "{0} is {1}")
  @CsvSource({
    "overloaded_error, PROVIDER_OVERLOADED",
    "rate_limit_error, RATE_LIMITED",
    "api_error, PROVIDER_ERROR",
    "invalid_request_error, PROVIDER_REJECTED",
    "authentication_error, PROVIDER_UNAUTHORIZED",
    "something_new, PROVIDER_ERROR",
  })
  void anErrorInTheMiddleIsOneOfTheTable(String type, Reason reason) {
    var stream =
        Streams.of("anthropic")
            .events(START, "{'type':'error','error':{'type':'" + type + "','message':'no'}}");
    assertThat(stream.over()).isTrue();
    assertThat(stream.failure().reason()).isEqualTo(reason);
    assertThat(stream.failure().bill().usage()).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'something_new','index':0}",
        "{'type':'content_block_start','index':0,'content_block':{'type':'text','text':''}}",
        "{'type':'content_block_delta','index':7,'delta':{'type':'text_delta','text':'x'}}",
        "{'type':'content_block_delta','index':0,'delta':{'type':'citations_delta','citation':{}}}",
        "{'type':'content_block_stop','index':7}",
        "{'type':'content_block_start','index':8}",
        "{'type':'message_delta'}",
        "{}",
      })
  void whatIsNotUnderstoodOrCameTwiceIsPassedOver(String event) {
    var stream =
        Streams.of("anthropic")
            .events(
                START,
                block(0, "{'type':'text','text':''}"),
                text(0, "H"),
                event,
                text(0, "i"),
                stop(0),
                delta("end_turn", 2),
                STOP);
    assertThat(stream.answer().getText()).isEqualTo("Hi");
  }

  private static String block(int index, String block) {
    return "{'type':'content_block_start','index':" + index + ",'content_block':" + block + "}";
  }

  private static String text(int index, String text) {
    return "{'type':'content_block_delta','index':"
        + index
        + ",'delta':{'type':'text_delta','text':'"
        + text
        + "'}}";
  }

  private static String input(int index, String json) {
    return "{'type':'content_block_delta','index':"
        + index
        + ",'delta':{'type':'input_json_delta','partial_json':'"
        + json.replace("'", "\\'")
        + "'}}";
  }

  private static String stop(int index) {
    return "{'type':'content_block_stop','index':" + index + "}";
  }

  private static String delta(String reason, int output) {
    return "{'type':'message_delta','delta':{'stop_reason':'"
        + reason
        + "','stop_sequence':null},'usage':{'output_tokens':"
        + output
        + "}}";
  }
}
