package io.penstock.workers.provider;

import static io.penstock.workers.provider.Asked.aRequest;
import static io.penstock.workers.provider.Asked.json;
import static io.penstock.workers.provider.Asked.question;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.Breakpoint;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.PromptCache;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.Tool;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolResult;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What providers are told of their prefix caches, in the words of each. */
class PromptCacheTest {
  private static final Tool NOW = new Tool("now", null, null, null, null, null);
  private static final PromptCache KEY = new PromptCache("k", List.of(), false);
  private static final PromptCache OFF = new PromptCache(null, List.of(), true);

  private static PromptCache marks(Breakpoint... marks) {
    return new PromptCache("k", List.of(marks), false);
  }

  private static Breakpoint behind(int messages, String lifetime) {
    return new Breakpoint(messages, lifetime);
  }

  @Test
  void anthropicHasMarksOnToolsSystemTextsAndTurns() {
    var request =
        aRequest()
            .saying("system", "Be brief.")
            .saying("user", "Hi")
            .saying("assistant", "Hello")
            .saying("user", "Now?")
            .with(o -> o.setTools(List.of(NOW)));
    JsonNode body =
        body("anthropic", request.now(), marks(behind(0, "1h"), behind(1, "1h"), behind(3, "5m")));
    assertThat(body)
        .isEqualTo(
            json(
                """
                {'model':'m','max_tokens':4096,
                 'system':[{'type':'text','text':'Be brief.','cache_control':{'type':'ephemeral','ttl':'1h'}}],
                 'messages':[{'role':'user','content':'Hi'},
                   {'role':'assistant','content':[{'type':'text','text':'Hello','cache_control':{'type':'ephemeral','ttl':'5m'}}]},
                   {'role':'user','content':'Now?'}],
                 'tools':[{'name':'now','input_schema':{'type':'object','properties':{}},
                   'cache_control':{'type':'ephemeral','ttl':'1h'}}]}
                """));
  }

  @Test
  void anthropicsUsualLifetimeNeedsNoWord() {
    JsonNode body =
        body("anthropic", aRequest().saying("user", "Hi").now(), marks(behind(1, "default")));
    assertThat(body.at("/messages/0/content/0/cache_control"))
        .isEqualTo(json("{'type':'ephemeral'}"));
  }

  @Test
  void whatSeveralMessagesBecomeIsMarkedWhereThePrefixEnds() {
    var request =
        aRequest()
            .saying("user", "What time?")
            .saying("assistant", new ToolCall("t1", "now", "{}", null))
            .saying("tool", new ToolResult("t1", List.of(new TextPart("Noon", null)), false, null))
            .saying("user", "Thanks.");
    JsonNode anthropic = body("anthropic", request.now(), marks(behind(3, "default")));
    assertThat(anthropic.at("/messages/2/content/0/cache_control").isObject()).isTrue();
    assertThat(marksIn(anthropic)).isEqualTo(1);
    JsonNode openAi = body("openai", request.now(), marks(behind(3, "default")));
    assertThat(openAi.at("/messages/2"))
        .isEqualTo(
            json(
                """
                {'role':'tool','tool_call_id':'t1','content':[{'type':'text','text':'Noon',
                 'prompt_cache_breakpoint':{'mode':'explicit'}}]}
                """));
    assertThat(marksIn(openAi)).isEqualTo(1);
  }

  @Test
  void whatCannotBeMarkedIsNot() {
    var thought =
        aRequest().saying("user", "Hi").saying("assistant", new Reasoning("hm", "sig", null));
    assertThat(marksIn(body("anthropic", thought.now(), marks(behind(2, "default"))))).isZero();
    assertThat(body("openai", thought.now(), marks(behind(2, "default"))).path("messages"))
        .isEqualTo(question("openai", "m", thought.now()).body().path("messages"));
    var call = aRequest().saying("assistant", new ToolCall("t1", "now", "{}", null));
    assertThat(marksIn(body("openai", call.now(), marks(behind(1, "default"))))).isZero();
    var empty = aRequest().saying("user", "");
    assertThat(marksIn(body("openai", empty.now(), marks(behind(1, "default"))))).isZero();
  }

  @Test
  void aSystemTextThatGoesUpFromBehindATurnMovesEveryPrefix() {
    var request = aRequest().saying("user", "Hi").saying("system", "Be brief.");
    JsonNode body = body("anthropic", request.now(), marks(behind(1, "default")));
    assertThat(marksIn(body)).isZero();
  }

  @Test
  void openAiHasAKeyAndMarksAndWritesNothingElse() {
    var request = aRequest().saying("system", "Be brief.").saying("user", "Hi");
    JsonNode body = body("openai", request.now(), marks(behind(0, "default"), behind(1, "1h")));
    assertThat(body)
        .isEqualTo(
            json(
                """
                {'model':'m','messages':[{'role':'system','content':[{'type':'text','text':'Be brief.',
                   'prompt_cache_breakpoint':{'mode':'explicit'}}]},{'role':'user','content':'Hi'}],
                 'prompt_cache_key':'k','prompt_cache_options':{'mode':'explicit'}}
                """));
  }

  @Test
  void aPromptThatNobodySharesIsNotWritten() {
    JsonNode body = body("openai", aRequest().saying("user", "Hi").now(), OFF);
    assertThat(body)
        .isEqualTo(
            json(
                """
                {'model':'m','messages':[{'role':'user','content':'Hi'}],
                 'prompt_cache_options':{'mode':'explicit'}}
                """));
  }

  @Test
  void olderModelsAreToldAKeyAlone() {
    JsonNode body = body("openai", aRequest().saying("user", "Hi").now(), KEY);
    assertThat(body.path("prompt_cache_key").asText()).isEqualTo("k");
    assertThat(body.has("prompt_cache_options")).isFalse();
  }

  static Set<String> presets() {
    return Presets.names();
  }

  @ParameterizedTest
  @MethodSource("presets")
  void nobodyIsToldWhatHeMayNotUnderstand(String preset) {
    var request = aRequest().saying("user", "Hi").now();
    JsonNode untold = body(preset, request, new PromptCache(null, List.of(), false));
    JsonNode told = body(preset, request, marks(behind(1, "default")));
    JsonNode off = body(preset, request, OFF);
    switch (preset) {
      case "openai", "anthropic" -> assertThat(marksIn(told)).isEqualTo(1);
      case "mistral" -> {
        assertThat(told.path("prompt_cache_key").asText()).isEqualTo("k");
        assertThat(told.size()).isEqualTo(untold.size() + 1);
        assertThat(marksIn(told)).isZero();
        assertThat(off).isEqualTo(untold);
      }
      default -> {
        assertThat(told).isEqualTo(untold);
        assertThat(off).isEqualTo(untold);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"openai", "anthropic"})
  void whoMarksHimselfHasHisMarksAlone(String preset) {
    Dialect api = preset.equals("openai") ? Dialect.OPENAI : Dialect.ANTHROPIC;
    var marked =
        aRequest()
            .in(api)
            .saying("system", "Be brief.")
            .saying("user", new TextPart("Hi", "5m"))
            .now();
    assertThat(body(preset, marked, marks(behind(1, "default"))))
        .isEqualTo(question(preset, "m", marked).body());
  }

  @Test
  void whoHasAKeyOfHisOwnKeepsIt() {
    var keyed =
        aRequest().in(Dialect.OPENAI).saying("user", "Hi").aside("{'prompt_cache_key':'mine'}");
    JsonNode body = body("openai", keyed.now(), marks(behind(1, "default")));
    assertThat(body.path("prompt_cache_key").asText()).isEqualTo("mine");
    assertThat(marksIn(body)).isZero();
    assertThat(body.has("prompt_cache_options")).isFalse();
  }

  private static JsonNode body(String preset, InferenceRequest request, PromptCache cache) {
    return question(preset, request, cache).body();
  }

  private static int marksIn(JsonNode body) {
    return body.findValues("cache_control").size()
        + body.findValues("prompt_cache_breakpoint").size();
  }
}
