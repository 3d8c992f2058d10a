package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.ImagePart;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolResult;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Anthropic's messages as bytes; {@link AnthropicSdkTest} has the official SDK judge them. */
@ExtendWith(Penstock.Extension.class)
class MessagesHttpTest {
  private static final String MESSAGES = "/v1/messages";
  private static Penstock penstock;
  private static Http http;

  @BeforeAll
  static void start(Penstock shared) {
    penstock = shared;
    http = shared.ingress();
  }

  @Test
  void everythingThatAnthropicsApiKnowsReachesTheTopology() {
    var got =
        http.post(
            MESSAGES,
            """
            {"model":"large","max_tokens":9,"temperature":0.5,"top_p":0.9,"top_k":4,
             "stop_sequences":["END"],"service_tier":"auto","metadata":{"user_id":"u1"},
             "system":[{"type":"text","text":"be brief",
               "cache_control":{"type":"ephemeral","ttl":"1h"}}],
             "thinking":{"type":"adaptive"},"output_config":{"effort":"low","more":1},
             "tools":[{"name":"f","description":"d","input_schema":{"type":"object"},
               "cache_control":{"type":"ephemeral"}},
               {"type":"web_search_20250305","name":"web_search","max_uses":3}],
             "tool_choice":{"type":"any","disable_parallel_tool_use":true},
             "messages":[
              {"role":"user","content":[{"type":"text","text":"look"},
                {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}},
                {"type":"document","source":{"type":"text","media_type":"text/plain","data":"x"}}]},
              {"role":"assistant","content":[
                {"type":"thinking","thinking":"hm","signature":"c2ln"},
                {"type":"redacted_thinking","data":"c2VjcmV0"},
                {"type":"tool_use","id":"c1","name":"f","input":{"a":1}}]},
              {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","is_error":true,
                "content":[{"type":"text","text":"42"}]},{"type":"text","text":"all of claude"}]}]}
            """);
    assertThat(got.status()).as(got.body()).isEqualTo(200);
    InferenceRequest asked = penstock.topology.dispatched("all of claude").getFirst();
    assertThat(asked.getDialect()).isEqualTo(Dialect.ANTHROPIC);
    assertThat(asked.getMaxTokens()).isEqualTo(9);
    assertThat(asked.getServiceTier()).isEqualTo("auto");
    assertThat(asked.getAsides()).isEqualTo("{\"metadata\":{\"user_id\":\"u1\"}}");
    assertThat(asked.getMetadata()).containsEntry("user_id", "u1");
    var options = asked.getOptions();
    assertThat(options.getTopK()).isEqualTo(4);
    assertThat(options.getStop()).containsExactly("END");
    assertThat(options.getReasoningEffort()).isEqualTo("low");
    assertThat(options.getToolChoice().getMode()).isEqualTo("required");
    assertThat(options.getParallelToolCalls()).isFalse();
    assertThat(options.getTools().get(0).getName()).isEqualTo("f");
    assertThat(options.getTools().get(0).getCacheFor()).isEqualTo("default");
    assertThat(options.getTools().get(1).getRaw()).contains("web_search_20250305");
    assertThat(options.getExtra())
        .isEqualTo("{\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"more\":1}}");
    var turns = asked.getMessages();
    assertThat(turns.get(0).getRole()).isEqualTo("system");
    assertThat(turns.get(0).getParts()).isEqualTo(List.of(new TextPart("be brief", "1h")));
    assertThat(turns.get(1).getParts().get(1))
        .isEqualTo(new ImagePart("data:image/png;base64,AA==", null, null));
    assertThat(turns.get(1).getParts().get(2)).isInstanceOf(RawPart.class);
    assertThat(turns.get(2).getParts())
        .isEqualTo(
            List.of(
                new Reasoning("hm", "c2ln", null),
                new Reasoning("", null, "c2VjcmV0"),
                new ToolCall("c1", "f", "{\"a\":1}", null)));
    assertThat(turns.get(3).getParts().getFirst())
        .isEqualTo(new ToolResult("c1", List.of(new TextPart("42", null)), true, null));
  }

  @Test
  void aStreamHasAnthropicsEventsInTheirOrder() {
    try (var stream = http.stream(MESSAGES, streaming("half:one|two"))) {
      assertThat(stream.next().orElseThrow().name()).isEqualTo("message_start");
      assertThat(stream.next().orElseThrow().name()).isEqualTo("content_block_start");
      var piece = stream.next().orElseThrow();
      assertThat(piece.name()).isEqualTo("content_block_delta");
      assertThat(piece.json().at("/delta/text").asText()).isEqualTo("one");
      penstock.topology.release(stream.id());
      var rest = stream.rest();
      assertThat(rest)
          .extracting(Sse.Event::name)
          .containsExactly(
              "content_block_delta",
              "content_block_delta",
              "content_block_stop",
              "message_delta",
              "message_stop");
      var end = rest.get(3).json();
      assertThat(end.at("/delta/stop_reason").asText()).isEqualTo("end_turn");
      assertThat(end.at("/usage/output_tokens").asInt()).isEqualTo(5);
      assertThat(end.at("/penstock/cost_usd").asText()).isEqualTo("0.00000125");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "rate_limited, 429, rate_limit_error",
    "budget_exhausted, 402, billing_error",
    "provider_overloaded, 503, overloaded_error",
    "model_not_found, 404, not_found_error",
    "provider_rejected, 400, invalid_request_error",
    "provider_error, 502, api_error",
    "provider_timeout, 504, timeout_error",
  })
  void aFailureIsToldAsAnthropicTellsIt(String reason, int status, String type) {
    var got = http.post(MESSAGES, asking("limited:" + reason));
    assertThat(got.status()).as(got.body()).isEqualTo(status);
    assertThat(got.json().get("type").asText()).isEqualTo("error");
    assertThat(got.json().at("/error/type").asText()).isEqualTo(type);
    assertThat(got.json().at("/error/remaining_usd").asText()).isEqualTo("0.00025");
    assertThat(got.json().get("request_id").asText()).isEqualTo(got.id());
    assertThat(got.header("request-id")).contains(got.id());
  }

  @Test
  void whatIsNotThereIsNotFoundInItsShape() {
    var got = http.post(MESSAGES + "/count_tokens", asking("count"));
    assertThat(got.status()).isEqualTo(404);
    assertThat(got.json().at("/error/type").asText()).isEqualTo("not_found_error");
  }

  @Test
  void aMistakeNamesItsField() {
    var got = http.post(MESSAGES, "{\"messages\":[{\"role\":\"user\"}]}");
    assertThat(got.status()).isEqualTo(400);
    assertThat(got.json().at("/error/message").asText()).contains("messages[0].content");
  }

  @Test
  void aCallerThatWaitedForAsLongAsItMayIsTold504() {
    var got =
        http.postUntilStored(MESSAGES, asking("hold claude"), "x-penstock-deadline-ms", "400");
    assertThat(got.status()).isEqualTo(504);
    assertThat(got.json().at("/error/type").asText()).isEqualTo("timeout_error");
    penstock.topology.release(got.id());
  }

  private static String asking(String prompt) {
    return "{\"model\":\"small\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\""
        + prompt
        + "\"}]}";
  }

  private static String streaming(String prompt) {
    return asking(prompt).replaceFirst("\\{", "{\"stream\":true,");
  }
}
