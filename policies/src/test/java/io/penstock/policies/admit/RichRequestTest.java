package io.penstock.policies.admit;

import static io.penstock.policies.ARequest.aRequest;
import static io.penstock.policies.admit.RichRequests.WEATHER;
import static io.penstock.policies.admit.RichRequests.call;
import static io.penstock.policies.admit.RichRequests.format;
import static io.penstock.policies.admit.RichRequests.image;
import static io.penstock.policies.admit.RichRequests.judged;
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
import io.penstock.policies.admit.Admission.Verdict;
import io.penstock.schemas.Limits;
import io.penstock.schemas.avro.CacheControl;
import io.penstock.schemas.avro.ImagePart;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolChoice;
import io.penstock.schemas.avro.ToolResult;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tools, images and formats: what may be asked, and how much of it. */
class RichRequestTest {
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
        aRequest().caching(new CacheControl(0L, true, true, true)));
  }

  @ParameterizedTest
  @MethodSource("mayBeAsked")
  void whatProvidersTakeIsLetIn(ARequest request) {
    assertThat(judged(request)).isInstanceOf(Verdict.Admitted.class);
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
}
