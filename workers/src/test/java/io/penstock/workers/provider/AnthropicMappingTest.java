package io.penstock.workers.provider;

import static io.penstock.workers.provider.Asked.aRequest;
import static io.penstock.workers.provider.Asked.json;
import static io.penstock.workers.provider.Asked.question;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.ImagePart;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.ResponseFormat;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.Tool;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolChoice;
import io.penstock.schemas.avro.ToolResult;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole vocabulary, put to those who speak Anthropic's API. */
class AnthropicMappingTest {
  private static final Tool WEATHER =
      new Tool("weather", "Tells it", "{\"type\":\"object\"}", true, "1h", null);

  @Test
  void everyOptionHasItsField() {
    var request =
        aRequest()
            .in(Dialect.ANTHROPIC)
            .saying("user", "Hi")
            .limitedTo(9)
            .at(0.5)
            .tier("standard_only")
            .with(o ->
                o.setTopP(0.5)
                    .setTopK(4)
                    .setStop(List.of("END"))
                    .setReasoningEffort("high")
                    .setTools(List.of(WEATHER, new Tool("now", null, null, null, null, null)))
                    .setToolChoice(new ToolChoice("tool", "weather"))
                    .setParallelToolCalls(false)
                    .setResponseFormat(
                        new ResponseFormat("json_schema", "x", "{\"type\":\"object\"}", true, null))
                    .setExtra(
                        "{\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"low\",\"new\":1},\"stream\":true}"))
            .aside("{'metadata':{'user_id':'u'}}");
    var question = question("anthropic", "claude-3-7-sonnet", request.now());
    assertThat(question.body())
        .isEqualTo(
            json(
                """
                {'model':'claude-3-7-sonnet','max_tokens':9,'messages':[{'role':'user','content':'Hi'}],
                 'temperature':0.5,'top_p':0.5,'top_k':4,'stop_sequences':['END'],
                 'output_config':{'effort':'high','format':{'type':'json_schema','schema':{'type':'object'}},'new':1},
                 'tools':[{'name':'weather','description':'Tells it','input_schema':{'type':'object'},
                   'strict':true,'cache_control':{'type':'ephemeral','ttl':'1h'}},
                   {'name':'now','input_schema':{'type':'object','properties':{}}}],
                 'tool_choice':{'type':'tool','name':'weather','disable_parallel_tool_use':true},
                 'service_tier':'standard_only','thinking':{'type':'adaptive'},'metadata':{'user_id':'u'}}
                """));
    assertThat(question.dropped()).containsExactly("stream");
  }

  @ParameterizedTest(name = "{0}, parallel {1}: {2}")
  @CsvSource(
      nullValues = "-",
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "auto;     -;     {'type':'auto'}",
        "none;     -;     {'type':'none'}",
        "required; -;     {'type':'any'}",
        "none;     false; {'type':'none'}",
        "required; false; {'type':'any','disable_parallel_tool_use':true}",
        "-;        false; {'type':'auto','disable_parallel_tool_use':true}",
        "auto;     true;  {'type':'auto'}",
      })
  void aChoiceOfToolsIsAnObject(@Nullable String mode, @Nullable Boolean parallel, String written) {
    var request =
        aRequest()
            .saying("user", "Hi")
            .with(o ->
                o.setTools(List.of(WEATHER))
                    .setToolChoice(mode == null ? null : new ToolChoice(mode, null))
                    .setParallelToolCalls(parallel));
    assertThat(question("anthropic", "c", request.now()).body().path("tool_choice"))
        .isEqualTo(json(written));
  }

  @Test
  void aConversationWithToolsOfOpenAisIsPutTogether() {
    var request =
        aRequest()
            .in(Dialect.OPENAI)
            .saying("developer", "Be brief.")
            .named("user", "Ann", "Weather?")
            .saying(
                "assistant",
                new Reasoning("hm", null, null),
                new ToolCall("t1", "weather", "{\"city\": \"Paris\", \"at\": 1.10}", null),
                new ToolCall("t2", "weather", "{\"city\":", null),
                new ToolCall("t3", "weather", "", null))
            .saying("tool", new ToolResult("t1", List.of(new TextPart("Rain", null)), false, null))
            .saying(
                "tool",
                new ToolResult(
                    "t2",
                    List.of(
                        new TextPart("See", null),
                        new ImagePart("data:image/png;base64,AAAA", "low", null)),
                    true,
                    null))
            .saying("user", "Well?");
    var question = question("anthropic", "c", request.now());
    assertThat(question.body().path("system").asText()).isEqualTo("Be brief.");
    assertThat(Json.write(question.body().path("messages")).replace('"', '\''))
        .isEqualTo(
            """
            [{'role':'user','content':'Weather?'},
            {'role':'assistant','content':[
            {'type':'tool_use','id':'t1','name':'weather','input':{'city':'Paris','at':1.10}},
            {'type':'tool_use','id':'t2','name':'weather','input':{'_unparsed':'{\\'city\\':'}},
            {'type':'tool_use','id':'t3','name':'weather','input':{}}]},
            {'role':'user','content':[
            {'type':'tool_result','tool_use_id':'t1','content':'Rain'},
            {'type':'tool_result','tool_use_id':'t2','content':[{'type':'text','text':'See'},
            {'type':'image','source':{'type':'base64','media_type':'image/png','data':'AAAA'}}],'is_error':true},
            {'type':'text','text':'Well?'}]}]
            """
                .replace("\n", ""));
    assertThat(question.dropped()).containsExactlyInAnyOrder("name", "reasoning_content");
  }

  @Test
  void thoughtsGoBackWithTheirProof() {
    var request =
        aRequest()
            .in(Dialect.ANTHROPIC)
            .saying(
                "assistant",
                new Reasoning("hm", "sig", null),
                new Reasoning("", null, "xyz"),
                new TextPart("Hi", "default"));
    assertThat(question("anthropic", "c", request.now()).body().path("messages"))
        .isEqualTo(
            json(
                """
                [{'role':'assistant','content':[
                  {'type':'thinking','thinking':'hm','signature':'sig'},
                  {'type':'redacted_thinking','data':'xyz'},
                  {'type':'text','text':'Hi','cache_control':{'type':'ephemeral'}}]}]
                """));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "data:image/jpeg;base64,QUJD| {'type':'base64','media_type':'image/jpeg','data':'QUJD'}",
        "data:image/JPEG;charset=x;base64,QUJD| {'type':'base64','media_type':'image/jpeg','data':'QUJD'}",
        "https://x/a.png| {'type':'url','url':'https://x/a.png'}",
      })
  void anImageIsAnImage(String url, String source) {
    var request = aRequest().saying("user", new ImagePart(url, null, null)).now();
    assertThat(question("anthropic", "c", request).body().at("/messages/0/content/0/source"))
        .isEqualTo(json(source));
  }

  @Test
  void anImageThatIsNowhereHasNoWords() {
    var request = aRequest().saying("user", new ImagePart("file-123", null, null)).now();
    assertThatThrownBy(() -> question("anthropic", "c", request))
        .isInstanceOf(InexpressibleException.class)
        .hasMessageContaining("messages[0]");
  }

  @Test
  void whatOpenAiAloneKnowsIsMappedOrDroppedAndListed() {
    var request =
        aRequest()
            .in(Dialect.OPENAI)
            .saying("user", "Hi")
            .tier("flex")
            .with(o ->
                o.setSeed(7L)
                    .setResponseFormat(new ResponseFormat("json_object", null, null, null, null))
                    .setReasoningEffort("minimal")
                    .setExtra(
                        "{\"logit_bias\":{},\"modalities\":[\"text\"],\"verbosity\":\"low\"}"))
            .aside("{'user':'u-1','store':true,'metadata':{'a':'b'}}");
    var question = question("anthropic", "c", request.now());
    assertThat(question.body())
        .isEqualTo(
            json(
                """
                {'model':'c','max_tokens':4096,'messages':[{'role':'user','content':'Hi'}],
                 'output_config':{'effort':'low'},'metadata':{'user_id':'u-1'}}
                """));
    assertThat(question.dropped())
        .containsExactlyInAnyOrder(
            "seed",
            "response_format",
            "service_tier",
            "logit_bias",
            "modalities",
            "verbosity",
            "store",
            "metadata");
  }

  @Test
  void aFileIsADocumentAndARefusalAText() {
    var request =
        aRequest()
            .in(Dialect.OPENAI)
            .saying(
                "user",
                raw(
                    "{'type':'file','file':{'filename':'a.pdf','file_data':'data:application/pdf;base64,AAAA'}}"))
            .saying("assistant", raw("{'type':'refusal','refusal':'No.'}"));
    assertThat(question("anthropic", "c", request.now()).body().path("messages"))
        .isEqualTo(
            json(
                """
                [{'role':'user','content':[{'type':'document','source':
                   {'type':'base64','media_type':'application/pdf','data':'AAAA'},'title':'a.pdf'}]},
                 {'role':'assistant','content':'No.'}]
                """));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "{'type':'input_audio','input_audio':{}}; input_audio",
        "{'type':'file','file':{'file_id':'f'}}; file",
        "{'type':'new'}; new",
      })
  void whatAnthropicHasNoWordsForIsNotSent(String part, String named) {
    var request = aRequest().in(Dialect.OPENAI).saying("user", raw(part)).now();
    assertThatThrownBy(() -> question("anthropic", "c", request))
        .isInstanceOf(InexpressibleException.class)
        .hasMessageContaining("messages[0]")
        .hasMessageContaining(named);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '|',
      value = {
        "{\"modalities\":[\"text\",\"audio\"]}; modalities",
        "{\"audio\":{\"voice\":\"x\"}}; audio",
        "{\"functions\":[]}; functions",
        "{\"web_search_options\":{}}; web_search_options",
      })
  void whoNeedsWhatOnlyOpenAiHasIsTold(String extra, String named) {
    var request =
        aRequest().in(Dialect.OPENAI).saying("user", "Hi").with(o -> o.setExtra(extra)).now();
    assertThatThrownBy(() -> question("anthropic", "c", request))
        .isInstanceOf(InexpressibleException.class)
        .hasMessageContaining(named);
  }

  @Test
  void severalAnswersAndEmbeddingsHaveNoWords() {
    var two = aRequest().saying("user", "Hi").with(o -> o.setChoices(2)).now();
    assertThatThrownBy(() -> question("anthropic", "c", two)).hasMessageContaining("n:");
    var embed = aRequest().embedding("'a'").now();
    assertThatThrownBy(() -> question("anthropic", "c", embed)).hasMessageContaining("embeddings");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "claude-opus-4-7-20260401, temperature top_p top_k, 16384",
    "claude-sonnet-5-5, temperature top_p top_k, 16384",
    "claude-opus-5-5, temperature top_p top_k tool_choice, 16384",
    "claude-opus-4-1, '', 16384",
    "claude-3-haiku-20240307, '', 4096",
  })
  void whatAModelRefusesIsLeftOutAndListed(String model, String denied, int most) {
    var request =
        aRequest()
            .saying("user", "Hi")
            .at(0.3)
            .with(o ->
                o.setTopP(0.3)
                    .setTopK(4)
                    .setTools(List.of(WEATHER))
                    .setToolChoice(new ToolChoice("required", null)));
    var question = question("anthropic", model, request.now());
    assertThat(String.join(" ", question.dropped())).isEqualTo(denied);
    assertThat(question.body().path("max_tokens").asInt()).isEqualTo(most);
  }

  @Test
  void aFreeChoiceOfToolsIsNoForcedOne() {
    var request =
        aRequest()
            .saying("user", "Hi")
            .with(o -> o.setTools(List.of(WEATHER)).setToolChoice(new ToolChoice("none", null)));
    assertThat(question("anthropic", "claude-opus-5-5", request.now()).dropped()).isEmpty();
  }

  private static RawPart raw(String singleQuoted) {
    return new RawPart("x", singleQuoted.replace('\'', '"'), null);
  }
}
