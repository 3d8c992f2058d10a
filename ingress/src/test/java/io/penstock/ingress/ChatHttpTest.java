package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolResult;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chat completions as bytes; {@link OpenAiSdkTest} has the official SDK judge them. */
@ExtendWith(Penstock.Extension.class)
class ChatHttpTest {
  private static final String CHAT = "/v1/chat/completions";
  private static Penstock penstock;
  private static Http http;

  @BeforeAll
  static void start(Penstock shared) {
    penstock = shared;
    http = shared.ingress();
  }

  @Test
  void anAnswerComesInOpenAisShapeAndItsAccountInHeaders() {
    var got = http.post(CHAT, asking("hello chat"));
    assertThat(got.status()).as(got.body()).isEqualTo(200);
    var json = got.json();
    assertThat(json.get("object").asText()).isEqualTo("chat.completion");
    assertThat(json.get("id").asText()).isEqualTo("chatcmpl-" + got.id());
    assertThat(json.at("/choices/0/message/content").asText()).isEqualTo("answer to hello chat");
    assertThat(json.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    assertThat(json.at("/usage/prompt_tokens").asInt()).isEqualTo(16);
    assertThat(json.at("/usage/completion_tokens").asInt()).isEqualTo(5);
    assertThat(json.at("/usage/total_tokens").asInt()).isEqualTo(21);
    assertThat(json.at("/usage/prompt_tokens_details/cached_tokens").asInt()).isEqualTo(3);
    assertThat(json.at("/usage/completion_tokens_details/reasoning_tokens").asInt()).isEqualTo(4);
    assertThat(got.header("x-penstock-served-by")).contains("provider");
    assertThat(got.header("x-penstock-cost")).contains("0.00000125");
    assertThat(got.header("x-penstock-avoided")).contains("0");
    assertThat(got.header("x-penstock-provider")).contains("simulator");
    assertThat(got.header("x-penstock-model")).contains("small");
    assertThat(got.header("x-request-id")).contains(got.id());
  }

  @Test
  void piecesAreToldAsTheyComeAndTheRestWithTheResponse() {
    try (var stream = http.stream(CHAT, streaming("half:one|two", ""))) {
      assertThat(stream.status()).isEqualTo(200);
      assertThat(stream.header("Content-Type").orElseThrow()).startsWith("text/event-stream");
      assertThat(stream.header("Cache-Control")).contains("no-cache");
      assertThat(stream.header("X-Accel-Buffering")).contains("no");
      assertThat(stream.header("x-penstock-model")).contains("small");
      assertThat(stream.header("x-penstock-cost")).isEmpty();
      assertThat(delta(stream.next().orElseThrow()).get("role").asText()).isEqualTo("assistant");
      assertThat(content(stream.next().orElseThrow())).isEqualTo("one");
      assertThat(content(stream.next().orElseThrow())).isEqualTo("two");
      penstock.topology.release(stream.id());
      var rest = stream.rest();
      assertThat(rest).hasSize(3);
      assertThat(content(rest.get(0))).isEqualTo(" released");
      var last = rest.get(1).json();
      assertThat(last.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
      assertThat(last.has("usage")).isFalse();
      assertThat(last.at("/penstock/id").asText()).isEqualTo(stream.id());
      assertThat(last.at("/penstock/served_by").asText()).isEqualTo("provider");
      assertThat(last.at("/penstock/cost_usd").asText()).isEqualTo("0.00000125");
      assertThat(rest.get(2).data()).isEqualTo("[DONE]");
    }
  }

  @Test
  void usageIsToldAtTheEndToWhoeverAsksForIt() {
    try (var stream =
        http.stream(
            CHAT, streaming("pieces:a|b", ",\"stream_options\":{\"include_usage\":true}"))) {
      var all = stream.rest();
      assertThat(all.getLast().data()).isEqualTo("[DONE]");
      var usage = all.get(all.size() - 2).json();
      assertThat(usage.get("choices")).isEmpty();
      assertThat(usage.at("/usage/total_tokens").asInt()).isEqualTo(21);
      assertThat(usage.at("/penstock/avoided_usd").asText()).isEqualTo("0");
      assertThat(all.subList(0, all.size() - 2))
          .allSatisfy(event -> assertThat(event.json().get("usage").isNull()).isTrue());
    }
  }

  @Test
  void anAnswerThatIsThereAlreadyIsReplayedWithItsAccountInHeaders() {
    try (var stream = http.stream(CHAT, streaming("call: replay", ""))) {
      assertThat(stream.header("x-penstock-served-by")).contains("provider");
      assertThat(stream.header("x-penstock-cost")).contains("0.00000125");
      assertThat(stream.header("x-penstock-dropped")).contains("top_k");
      var all = stream.rest();
      assertThat(delta(all.get(1)).get("reasoning_content").asText()).isEqualTo("I should look.");
      assertThat(content(all.get(2))).isEqualTo("Let me look.");
      JsonNode call = delta(all.get(3)).at("/tool_calls/0");
      assertThat(call.get("index").asInt()).isZero();
      assertThat(call.get("id").asText()).isEqualTo("call_1");
      assertThat(call.at("/function/name").asText()).isEqualTo("weather");
      assertThat(call.at("/function/arguments").asText()).isEqualTo("{\"city\":\"Zürich\"}");
      assertThat(all.get(4).json().at("/choices/0/finish_reason").asText()).isEqualTo("tool_calls");
    }
  }

  @Test
  void anAnswerThatIsNotTheOneThatHadBegunEndsTheStreamWithAnError() {
    try (var stream = http.stream(CHAT, streaming("other:this|that", ""))) {
      var all = stream.rest();
      var error = all.getLast().json().get("error");
      assertThat(error.get("code").asText()).isEqualTo("answer_truncated");
      assertThat(error.get("message").asText()).contains("/v1/requests/" + stream.id());
    }
  }

  @Test
  void aFailureBeforeTheFirstPieceHasItsStatus() {
    var got = http.post(CHAT, streaming("fail:provider_overloaded", ""));
    assertThat(got.status()).isEqualTo(503);
    assertThat(got.error()).isEqualTo("provider_overloaded");
    assertThat(got.header("Content-Type").orElseThrow()).startsWith("application/json");
  }

  @ParameterizedTest
  @CsvSource({
    "rate_limited, 429, requests, rate_limit_exceeded, true",
    "budget_exhausted, 429, insufficient_quota, insufficient_quota, false",
    "budget_busy, 429, requests, rate_limit_exceeded, true",
    "price_unknown, 402, invalid_request_error, price_unknown, ",
    "quota_exhausted, 429, insufficient_quota, insufficient_quota, false",
    "provider_overloaded, 503, server_error, provider_overloaded, true",
    "model_not_found, 404, invalid_request_error, model_not_found, ",
    "context_too_long, 400, invalid_request_error, context_length_exceeded, ",
    "provider_rejected, 400, invalid_request_error, provider_rejected, ",
    "provider_error, 502, server_error, provider_error, ",
    "deadline_exceeded, 504, server_error, deadline_exceeded, ",
  })
  void aFailureIsToldAsOpenAiTellsIt(
      String reason, int status, String type, String code, String again) {
    var got = http.post(CHAT, asking("limited:" + reason));
    assertThat(got.status()).as(got.body()).isEqualTo(status);
    var error = got.json().get("error");
    assertThat(error.get("type").asText()).isEqualTo(type);
    assertThat(error.get("code").asText()).isEqualTo(code);
    assertThat(error.get("message").asText()).isEqualTo("because of " + reason);
    assertThat(error.get("param").isNull()).isTrue();
    assertThat(error.get("remaining_usd").asText()).isEqualTo("0.00025");
    assertThat(got.header("x-penstock-budget-remaining")).contains("0.00025");
    assertThat(got.id()).isNotEmpty();
    assertThat(got.header("x-should-retry").orElse(null)).isEqualTo(again);
    boolean passing = status == 429 || status == 503;
    assertThat(got.header("Retry-After").orElse(null)).isEqualTo(passing ? "2" : null);
    assertThat(got.header("retry-after-ms").orElse(null)).isEqualTo(passing ? "1500" : null);
  }

  @Test
  void aCallerThatWaitedForAsLongAsItMayIsTold504AndTheId() {
    var got = http.postUntilStored(CHAT, asking("hold the chat"), "x-penstock-deadline-ms", "400");
    assertThat(got.status()).isEqualTo(504);
    assertThat(got.error()).isEqualTo("deadline_exceeded");
    penstock.topology.release(got.id());
  }

  @Test
  void everythingThatOpenAisApiKnowsReachesTheTopology() {
    var got =
        http.post(
            CHAT,
            """
            {"model":"large","temperature":0.5,"top_p":0.9,"seed":7,"stop":"END","n":2,
             "max_tokens":5,"max_completion_tokens":9,"reasoning_effort":"low",
             "service_tier":"flex","parallel_tool_calls":false,"user":"u1",
             "metadata":{"team":"blue"},"prompt_cache_key":"k","frequency_penalty":1.0,
             "logit_bias":{"b":1,"a":2},
             "tools":[{"type":"function","function":{"name":"f","description":"d",
               "parameters":{"type":"object"},"strict":true}},{"type":"custom","custom":{"name":"c"}}],
             "tool_choice":{"type":"function","function":{"name":"f"}},
             "response_format":{"type":"json_schema","json_schema":{"name":"s","strict":true,
               "schema":{"type":"object"}}},
             "messages":[
              {"role":"developer","content":"be brief"},
              {"role":"user","name":"ann","content":[{"type":"text","text":"look"},
                {"type":"image_url","image_url":{"url":"data:image/png;base64,AA==","detail":"low"}},
                {"type":"file","file":{"file_id":"f1"}}]},
              {"role":"assistant","content":null,"refusal":null,"annotations":[],
               "tool_calls":[{"id":"c1","type":"function",
                 "function":{"name":"f","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"c1","content":"42"},
              {"role":"user","content":"all of chat"}]}
            """);
    assertThat(got.status()).as(got.body()).isEqualTo(200);
    InferenceRequest asked = penstock.topology.dispatched("all of chat").getFirst();
    assertThat(asked.getDialect()).isEqualTo(Dialect.OPENAI);
    assertThat(asked.getModel()).isEqualTo("large");
    assertThat(asked.getMaxTokens()).isEqualTo(9);
    assertThat(asked.getServiceTier()).isEqualTo("flex");
    assertThat(asked.getMetadata()).containsEntry("team", "blue");
    assertThat(asked.getAsides())
        .isEqualTo("{\"user\":\"u1\",\"metadata\":{\"team\":\"blue\"},\"prompt_cache_key\":\"k\"}");
    var options = asked.getOptions();
    assertThat(options.getTopP()).isEqualTo(0.9);
    assertThat(options.getSeed()).isEqualTo(7);
    assertThat(options.getStop()).containsExactly("END");
    assertThat(options.getChoices()).isEqualTo(2);
    assertThat(options.getReasoningEffort()).isEqualTo("low");
    assertThat(options.getParallelToolCalls()).isFalse();
    assertThat(options.getToolChoice().getMode()).isEqualTo("tool");
    assertThat(options.getTools().get(0).getParameters()).isEqualTo("{\"type\":\"object\"}");
    assertThat(options.getTools().get(1).getRaw()).contains("\"custom\"");
    assertThat(options.getResponseFormat().get("schema")).isEqualTo("{\"type\":\"object\"}");
    assertThat(options.getExtra())
        .isEqualTo("{\"frequency_penalty\":1.0,\"logit_bias\":{\"b\":1,\"a\":2}}");
    var turns = asked.getMessages();
    assertThat(turns.get(0).getContent()).isEqualTo("be brief");
    assertThat(turns.get(1).getName()).isEqualTo("ann");
    assertThat(turns.get(1).getParts()).hasSize(3);
    assertThat(turns.get(2).getParts()).isEqualTo(List.of(new ToolCall("c1", "f", "{}", null)));
    assertThat(((ToolResult) turns.get(3).getParts().getFirst()).getCallId()).isEqualTo("c1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"model\":\"nobody's\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}|404|model",
        "{\"messages\":\"x\"}|400|messages",
        "{}|400|messages",
        "{\"messages\":[{\"role\":\"user\"}]}|400|messages[0].content",
        "{\"messages\":[{\"content\":\"x\"}]}|400|messages[0].role",
        "{\"messages\":[{\"role\":\"tool\",\"content\":\"x\"}]}|400|messages[0].tool_call_id",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"odd\":1}]}|400|messages[0].odd",
        "{\"functions\":[],\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}|400|functions",
        "{\"n\":0,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}|400|n",
        "{\"stop\":[1],\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}|400|stop",
        "{\"temperature\":\"hot\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}|400|temperature",
      })
  void aMistakeIsToldWithTheFieldThatIsWrong(String body, int status, String param) {
    var got = http.post(CHAT, body);
    assertThat(got.status()).as(got.body()).isEqualTo(status);
    assertThat(got.json().at("/error/type").asText()).isEqualTo("invalid_request_error");
    assertThat(got.json().at("/error/param").asText()).isEqualTo(param);
  }

  @ParameterizedTest
  @CsvSource({
    "x-penstock-lane, fast",
    "x-penstock-deadline-ms, soon",
    "x-penstock-cache, maybe",
    "x-penstock-cache, 'only-if-cached, no-cache'",
    "x-penstock-lame, express",
  })
  void aHeaderThatMakesNoSenseIsNamedWithItsValue(String name, String value) {
    var got = http.post(CHAT, asking("never asked"), name, value);
    assertThat(got.status()).isEqualTo(400);
    assertThat(got.json().at("/error/param").asText()).isEqualTo(name);
    assertThat(got.json().at("/error/message").asText()).contains(name);
    assertThat(penstock.topology.dispatched("never asked")).isEmpty();
  }

  @Test
  void whatTheApiHasNoWordsForIsSaidInHeaders() {
    var got =
        http.post(
            CHAT,
            asking("with headers"),
            "x-penstock-lane",
            "express",
            "x-penstock-deadline-ms",
            "20000",
            "x-penstock-cache",
            "max-age=60, no-store",
            "x-penstock-metadata-team",
            "red");
    assertThat(got.status()).as(got.body()).isEqualTo(200);
    var asked = penstock.topology.dispatched("with headers").getFirst();
    assertThat(asked.getDeadlineAt()).isEqualTo(asked.getAcceptedAt().plusSeconds(20));
    assertThat(asked.getCache().getMaxAgeMs()).isEqualTo(60_000);
    assertThat(asked.getCache().getNoStore()).isTrue();
    assertThat(asked.getCache().getNoCache()).isFalse();
    assertThat(asked.getUseCache()).isTrue();
    assertThat(asked.getMetadata()).containsEntry("team", "red");
    http.post(CHAT, asking("with the cache off"), "x-penstock-cache", "off");
    assertThat(penstock.topology.dispatched("with the cache off").getFirst().getUseCache())
        .isFalse();
  }

  private static String asking(String prompt) {
    return "{\"model\":\"small\",\"messages\":[{\"role\":\"user\",\"content\":\""
        + prompt
        + "\"}]}";
  }

  private static String streaming(String prompt, String more) {
    return "{\"model\":\"small\",\"stream\":true"
        + more
        + ",\"messages\":[{\"role\":\"user\",\"content\":\""
        + prompt
        + "\"}]}";
  }

  private static JsonNode delta(Sse.Event event) {
    return event.json().at("/choices/0/delta");
  }

  private static String content(Sse.Event event) {
    return delta(event).path("content").asText();
  }
}
