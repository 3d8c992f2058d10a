package io.penstock.policies.admit;

import static io.penstock.policies.ARequest.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.ARequest;
import io.penstock.policies.Reason;
import io.penstock.policies.admit.Admission.Verdict;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.schemas.Limits;
import io.penstock.schemas.avro.CacheControl;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.ImagePart;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.ResponseFormat;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.Tool;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolChoice;
import io.penstock.schemas.avro.ToolResult;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tools, images, formats and embeddings: what may be asked, and in whose words a fault is told. */
class RichRequestTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final Admission ADMISSION =
      new Admission(Admission.DEFAULT_DEADLINES, new ModelDirectory(Map.of("m", "p"), "m"), 1);
  private static final Tool WEATHER = tool("weather", "{\"type\":\"object\"}");

  static Stream<Arguments> faults() {
    return Stream.of(
        fault("a tool's turn without a call", said("tool", text("42")), "messages[1].content[0]"),
        fault(
            "a result of no call",
            said("tool", result("call-1", "sunny")),
            "messages[1].tool_call_id"),
        fault(
            "text and parts",
            aRequest().then(new Message("user", "hello", null, List.of(text("hello")))),
            "messages[1].content"),
        fault(
            "an image of an assistant",
            said("assistant", image("https://x.example/a.png")),
            "messages[1].content[0]"),
        fault(
            "a tool call of a user",
            said("user", call("call-1", "weather")),
            "messages[1].tool_calls[0]"),
        fault(
            "reasoning of a user",
            said("user", new Reasoning("hm", null, null)),
            "messages[1].content[0]"),
        fault(
            "an image in a file",
            said("user", text("see"), image("file:///etc/passwd")),
            "messages[1].content[1].image_url"),
        fault(
            "an image without a host",
            said("user", image("https://")),
            "messages[1].content[0].image_url"),
        fault(
            "an image with a space",
            said("user", image("https://x.example/a b")),
            "messages[1].content[0].image_url"),
        fault(
            "a text in a data URL",
            said("user", image("data:text/plain;base64,AAAA")),
            "messages[1].content[0].image_url"),
        fault(
            "no base64",
            said("user", image("data:image/png;base64,AA*A")),
            "messages[1].content[0].image_url"),
        fault(
            "an empty image",
            said("user", image("data:image/png;base64,")),
            "messages[1].content[0].image_url"),
        fault(
            "an image not in base64",
            said("user", image("data:image/png,AAAA")),
            "messages[1].content[0].image_url"),
        fault(
            "a close look",
            said("user", new ImagePart("https://x.example/a", "closely", null)),
            "messages[1].content[0].image_url.detail"),
        fault(
            "a long-lived prefix",
            said("user", new TextPart("hello", "2h")),
            "messages[1].content[0].cache_control"),
        fault(
            "a call without an id",
            said("assistant", call(" ", "weather")),
            "messages[1].tool_calls[0].id"),
        fault(
            "a call of nothing",
            said("assistant", text("hm"), call("call-1", "")),
            "messages[1].tool_calls[0].function.name"),
        fault(
            "a raw part that is a list",
            said("user", new RawPart("file", "[]", null)),
            "messages[1].content[0]"),
        fault(
            "a blank name",
            aRequest().then(new Message("user", "hi", " ", List.of())),
            "messages[1].name"),
        fault(
            "a bad part in a result",
            aRequest()
                .then(turn("assistant", call("call-1", "weather")))
                .then(
                    turn("tool", new ToolResult("call-1", List.of(image("ftp://x")), false, null))),
            "messages[2].content[0].image_url"),
        fault("a tool without a name", wishing(tools(tool("", null))), "tools[0].function.name"),
        fault("two tools of one name", wishing(tools(WEATHER, WEATHER)), "tools[1].function.name"),
        fault(
            "parameters that are no JSON",
            wishing(tools(WEATHER, tool("b", "{"))),
            "tools[1].function.parameters"),
        fault(
            "parameters that are a list",
            wishing(tools(tool("b", "[]"))),
            "tools[0].function.parameters"),
        fault("a raw tool that is no object", wishing(tools(raw("7"))), "tools[0]"),
        fault(
            "a choice of an unknown tool",
            wishing(tools(WEATHER).setToolChoice(named("time"))),
            "tool_choice"),
        fault(
            "a choice of no tool",
            wishing(tools(WEATHER).setToolChoice(named(null))),
            "tool_choice"),
        fault(
            "a choice without tools",
            wishing(Options.newBuilder().setToolChoice(new ToolChoice("required", null))),
            "tool_choice"),
        fault(
            "an unknown choice",
            wishing(tools(WEATHER).setToolChoice(new ToolChoice("any", null))),
            "tool_choice"),
        fault("an unknown format", wishing(format("yaml", null)), "response_format.type"),
        fault(
            "a format without its schema",
            wishing(format("json_schema", null)),
            "response_format.json_schema.schema"),
        fault(
            "a schema that is no JSON",
            wishing(format("json_schema", "{\"type\":")),
            "response_format.json_schema.schema"),
        fault("no nucleus", wishing(Options.newBuilder().setTopP(-0.1)), "top_p"),
        fault("too large a nucleus", wishing(Options.newBuilder().setTopP(1.1)), "top_p"),
        fault(
            "a nucleus that is no number",
            wishing(Options.newBuilder().setTopP(Double.NaN)),
            "top_p"),
        fault("a negative k", wishing(Options.newBuilder().setTopK(-2)), "top_k"),
        fault("no choices", wishing(Options.newBuilder().setChoices(0)), "n"),
        fault("too many choices", wishing(Options.newBuilder().setChoices(17)), "n"),
        fault("an empty stop", wishing(Options.newBuilder().setStop(List.of("a", ""))), "stop[1]"),
        fault(
            "a long stop",
            wishing(Options.newBuilder().setStop(List.of("x".repeat(1025)))),
            "stop[0]"),
        fault(
            "too many stops",
            wishing(Options.newBuilder().setStop(Collections.nCopies(17, "a"))),
            "stop"),
        fault(
            "an unknown effort",
            wishing(Options.newBuilder().setReasoningEffort("hard")),
            "reasoning_effort"),
        fault("extra that is a list", wishing(Options.newBuilder().setExtra("[1]")), "extra"),
        fault("extra and more", wishing(Options.newBuilder().setExtra("{} {}")), "extra"),
        fault("asides that are no JSON", aRequest().aside("user: 7"), "asides"),
        fault(
            "a negative age",
            aRequest().caching(new CacheControl(-1L, false, false, false)),
            "cache.max_age"),
        fault(
            "a cached answer of one's own",
            aRequest().usingCache(false).caching(new CacheControl(null, false, false, true)),
            "cache.only_if_cached"),
        fault("a blank key id", aRequest().payingWith(" "), "keyId"),
        fault("a blank tier", aRequest().atTier(""), "service_tier"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faults")
  void aFaultIsNamedInTheWordsOfOpenAi(String what, ARequest request, String field) {
    var failure = refused(request);

    assertThat(failure.getCode()).isEqualTo(Reason.INVALID_VALUE.code());
    assertThat(failure.getField()).isEqualTo(field);
    assertThat(failure.getMessage()).isNotBlank();
  }

  static Stream<Arguments> faultsOfAnthropic() {
    return Stream.of(
        fault(
            "a result of no call",
            said("user", result("toolu-1", "sunny")),
            "messages[1].content[0].tool_use_id"),
        fault(
            "an image in a file",
            said("user", text("see"), image("file:///a")),
            "messages[1].content[1].source"),
        fault(
            "a call of nothing",
            said("assistant", text("hm"), call("toolu-1", "")),
            "messages[1].content[1].name"),
        fault(
            "an image in the system text",
            said("system", image("https://x.example/a")),
            "system.content[0]"),
        fault("a tool without a name", wishing(tools(tool("", null))), "tools[0].name"),
        fault(
            "parameters that are no JSON", wishing(tools(tool("b", "{"))), "tools[0].input_schema"),
        fault(
            "an empty stop",
            wishing(Options.newBuilder().setStop(List.of(""))),
            "stop_sequences[0]"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("faultsOfAnthropic")
  void aFaultIsNamedInTheWordsOfAnthropicForWhoeverWroteThem(
      String what, ARequest request, String field) {
    assertThat(refused(request.written(Dialect.ANTHROPIC)).getField()).isEqualTo(field);
  }

  @Test
  void anthropicsTurnsAreCountedWithoutTheSystemText() {
    var request =
        aRequest()
            .withoutTurns()
            .then("system", "Be brief.")
            .then(turn("user", image("file:///a")))
            .written(Dialect.ANTHROPIC);

    assertThat(refused(request).getField()).isEqualTo("messages[0].content[0].source");
  }

  @Test
  void inputIsForEmbeddingsOnly() {
    var request = InferenceRequest.newBuilder(aRequest().build()).setInput("\"a\"").build();

    assertThat(failure(request).getField()).isEqualTo("input");
  }

  static Stream<ARequest> mayBeAsked() {
    return Stream.of(
        said("user", image("data:image/png;base64,iVBORw0KGgo=")),
        said("user", image("DATA:IMAGE/PNG;BASE64,AA==".replace("BASE64", "base64"))),
        said("user", image("HTTPS://x.example/a.png"), text("what is this?")),
        said("user", new ImagePart("http://x.example/a", "low", "5m")),
        aRequest()
            .then(
                turn(
                    "assistant",
                    new Reasoning("hm", "sig", null),
                    call("c1", "w"),
                    call("c2", "w")))
            .then(turn("tool", result("c1", "sunny")))
            .then(turn("user", result("c2", "rainy"), text("and now?"))),
        aRequest()
            .then(turn("assistant", new ToolCall("c1", "w", "{\"broken\": ", null)))
            .then(turn("tool", new ToolResult("c1", List.of(), true, null))),
        aRequest()
            .then(turn("assistant", new RawPart("server_tool_use", "{}", null)))
            .then(turn("user", result("unseen", "ok"))),
        aRequest().withoutTurns().then(turn("user", image("https://x.example/a"))),
        wishing(tools(WEATHER).setToolChoice(named("weather"))),
        wishing(
            tools(raw("{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}"))
                .setToolChoice(named("web_search"))),
        wishing(tools(WEATHER).setToolChoice(new ToolChoice("required", null))),
        wishing(Options.newBuilder().setToolChoice(new ToolChoice("auto", null))),
        wishing(format("json_schema", "{\"type\":\"object\"}")),
        wishing(format("json_object", null)),
        wishing(Options.newBuilder().setTopP(0.0).setTopK(-1).setChoices(16)),
        wishing(
            Options.newBuilder().setTopP(1.0).setStop(Collections.nCopies(16, "x".repeat(1024)))),
        wishing(Options.newBuilder().setReasoningEffort("minimal").setExtra("{\"a\":[1,{}]}")),
        aRequest().aside("{\"user\":\"u\"}"),
        aRequest().caching(new CacheControl(0L, true, true, true)),
        aRequest().embedding("\"hello\""),
        aRequest().embedding("[\"hello\", \"world\"]"),
        aRequest().embedding("[1, 2, 3]"),
        aRequest().embedding("[[1, 2], [3]]"));
  }

  @ParameterizedTest
  @MethodSource("mayBeAsked")
  void whatProvidersTakeIsLetIn(ARequest request) {
    assertThat(ADMISSION.judge(request.build(), Lane.STANDARD, NOON, NOON))
        .isInstanceOf(Verdict.Admitted.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7 | invalid_value",
        "{} | invalid_value",
        "[\"a\", 1] | invalid_value",
        "[[1], [\"a\"]] | invalid_value",
        "[1.5] | invalid_value",
        "[true] | invalid_value",
        "[\"a\" | invalid_value",
        "[1, 2 | invalid_value",
        "[[1 | invalid_value",
        "\"a\" \"b\" | invalid_value",
        "\"\" | empty_prompt",
        "[] | empty_prompt",
        "[\"a\", \"\"] | empty_prompt",
        "[[1], []] | empty_prompt"
      })
  void onlyTextsAndTokensAreEmbedded(String input, String code) {
    var failure = refused(aRequest().embedding(input));

    assertThat(failure.getCode()).isEqualTo(code);
    assertThat(failure.getField()).isEqualTo("input");
  }

  @Test
  void embeddingsNeedTheirInputAndNoConversation() {
    assertThat(refused(aRequest().embedding("\"a\"").then("user", "hi")).getField())
        .isEqualTo("messages");
    var without =
        InferenceRequest.newBuilder(aRequest().embedding("\"a\"").build()).setInput(null).build();
    assertThat(failure(without).getCode()).isEqualTo(Reason.MISSING_FIELD.code());
    assertThat(refused(aRequest().embedding("\"a\"").with(tools(WEATHER).build())).getMessage())
        .contains("no tools");
  }

  @ParameterizedTest
  @ValueSource(ints = {2048, 2049})
  void embeddingsAreMadeOfSoManyTextsAtOnce(int texts) {
    var input = "[" + String.join(",", Collections.nCopies(texts, "\"a\"")) + "]";

    assertThat(ADMISSION.judge(aRequest().embedding(input).build(), Lane.BATCH, NOON, NOON))
        .isInstanceOf(texts == 2048 ? Verdict.Admitted.class : Verdict.Refused.class);
  }

  static Stream<ARequest> larger() {
    String most = "x".repeat(Limits.LARGEST_TEXT_BYTES);
    return Stream.of(
        said("user", text(most)),
        said("user", image("https://" + most)),
        aRequest()
            .then(turn("assistant", new ToolCall("c", "w", most, null)))
            .then(turn("tool", result("c", "ok"))),
        aRequest().then(turn("assistant", call("c", "w"))).then(turn("tool", result("c", most))),
        said("assistant", new Reasoning("hm", most, null)),
        said("user", new RawPart("file", most, null)),
        wishing(tools(tool("w", most))),
        wishing(tools(raw(most))),
        wishing(format("json_schema", most)),
        wishing(Options.newBuilder().setExtra(most)),
        aRequest().aside(most),
        aRequest().embedding(most + "x"));
  }

  @ParameterizedTest
  @MethodSource("larger")
  void theLimitCountsWhateverARequestSays(ARequest request) {
    assertThat(refused(request).getCode()).isEqualTo(Reason.PROMPT_TOO_LARGE.code());
  }

  @Test
  void aConversationHasSoManyPartsAtMost() {
    var parts = Collections.<Object>nCopies(Turns.MOST_PARTS + 1, text("a"));

    assertThat(refused(aRequest().then(turn("user", parts.toArray()))).getField())
        .isEqualTo("messages");
  }

  private static Arguments fault(String what, ARequest request, String field) {
    return Arguments.of(what, request, field);
  }

  private static Failure refused(ARequest request) {
    return failure(request.build());
  }

  private static Failure failure(InferenceRequest request) {
    var verdict = ADMISSION.judge(request, Lane.STANDARD, NOON, NOON);
    assertThat(verdict).isInstanceOf(Verdict.Refused.class);
    return ((Verdict.Refused) verdict).failure();
  }

  private static ARequest said(String role, Object... parts) {
    return aRequest().then(turn(role, parts));
  }

  private static Message turn(String role, Object... parts) {
    return new Message(role, "", null, List.of(parts));
  }

  private static ARequest wishing(Options.Builder options) {
    return aRequest().with(options.build());
  }

  private static TextPart text(String text) {
    return new TextPart(text, null);
  }

  private static ImagePart image(String url) {
    return new ImagePart(url, null, null);
  }

  private static ToolCall call(String id, String name) {
    return new ToolCall(id, name, "{}", null);
  }

  private static ToolResult result(String callId, String text) {
    return new ToolResult(callId, List.of(text(text)), false, null);
  }

  private static Tool tool(String name, @Nullable String parameters) {
    return new Tool(name, null, parameters, null, null, null);
  }

  private static Tool raw(String json) {
    return new Tool("", null, null, null, null, json);
  }

  private static ToolChoice named(@Nullable String name) {
    return new ToolChoice("tool", name);
  }

  private static Options.Builder tools(Tool... tools) {
    return Options.newBuilder().setTools(List.of(tools));
  }

  private static Options.Builder format(String type, @Nullable String schema) {
    return Options.newBuilder()
        .setResponseFormat(new ResponseFormat(type, null, schema, null, null));
  }
}
