package io.penstock.policies.admit;

import static io.penstock.policies.ARequest.aRequest;
import static io.penstock.policies.admit.RichRequests.WEATHER;
import static io.penstock.policies.admit.RichRequests.call;
import static io.penstock.policies.admit.RichRequests.format;
import static io.penstock.policies.admit.RichRequests.image;
import static io.penstock.policies.admit.RichRequests.named;
import static io.penstock.policies.admit.RichRequests.raw;
import static io.penstock.policies.admit.RichRequests.refused;
import static io.penstock.policies.admit.RichRequests.result;
import static io.penstock.policies.admit.RichRequests.said;
import static io.penstock.policies.admit.RichRequests.text;
import static io.penstock.policies.admit.RichRequests.tool;
import static io.penstock.policies.admit.RichRequests.tools;
import static io.penstock.policies.admit.RichRequests.turn;
import static io.penstock.policies.admit.RichRequests.wishing;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.ARequest;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.CacheControl;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.ImagePart;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolChoice;
import io.penstock.schemas.avro.ToolResult;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is wrong with a rich request, and in whose words that is told. */
class RichRequestFaultsTest {
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

  private static Arguments fault(String what, ARequest request, String field) {
    return Arguments.of(what, request, field);
  }
}
