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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole vocabulary, put to those who speak OpenAI's API. */
class OpenAiMappingTest {
  private static final Tool WEATHER =
      new Tool(
          "weather",
          "Tells it",
          "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}",
          true,
          null,
          null);

  @Test
  void everyOptionHasItsField() {
    var request =
        aRequest()
            .in(Dialect.OPENAI)
            .saying("user", "Hi")
            .limitedTo(9)
            .at(0.5)
            .tier("flex")
            .with(o ->
                o.setTopP(0.5)
                    .setSeed(7L)
                    .setStop(List.of("END", "STOP"))
                    .setReasoningEffort("low")
                    .setChoices(2)
                    .setTools(List.of(WEATHER))
                    .setToolChoice(new ToolChoice("tool", "weather"))
                    .setParallelToolCalls(false)
                    .setResponseFormat(
                        new ResponseFormat(
                            "json_schema", "city", "{\"type\":\"object\"}", true, "A city"))
                    .setExtra("{\"logit_bias\":{\"1\":2}}"))
            .aside("{'user':'u','store':true}");
    assertThat(json(question("compatible", "m", request.now()).body().toString()))
        .isEqualTo(
            json(
                """
                {'model':'m','messages':[{'role':'user','content':'Hi'}],'max_tokens':9,
                 'temperature':0.5,'top_p':0.5,'seed':7,'stop':['END','STOP'],
                 'reasoning_effort':'low','n':2,
                 'response_format':{'type':'json_schema','json_schema':{'name':'city',
                   'description':'A city','schema':{'type':'object'},'strict':true}},
                 'tools':[{'type':'function','function':{'name':'weather','description':'Tells it',
                   'parameters':{'type':'object','properties':{'city':{'type':'string'}}},'strict':true}}],
                 'tool_choice':{'type':'function','function':{'name':'weather'}},
                 'parallel_tool_calls':false,'service_tier':'flex','logit_bias':{'1':2},
                 'user':'u','store':true}
                """));
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "none", "required"})
  void aChoiceOfToolsIsAWord(String mode) {
    var request =
        aRequest().saying("user", "Hi").with(o -> o.setToolChoice(new ToolChoice(mode, null)));
    assertThat(question("openai", "m", request.now()).body().path("tool_choice").asText())
        .isEqualTo(mode);
  }

  @Test
  void aTurnInPartsKeepsThem() {
    var request =
        aRequest()
            .in(Dialect.OPENAI)
            .saying(
                "user",
                new TextPart("What is this?", "default"),
                new ImagePart("data:image/png;base64,AAAA", "low", null),
                new RawPart(
                    "input_audio",
                    "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"x\"}}",
                    null));
    assertThat(question("openai", "m", request.now()).body().path("messages"))
        .isEqualTo(
            json(
                """
                [{'role':'user','content':[
                  {'type':'text','text':'What is this?','prompt_cache_breakpoint':{'mode':'explicit'}},
                  {'type':'image_url','image_url':{'url':'data:image/png;base64,AAAA','detail':'low'}},
                  {'type':'input_audio','input_audio':{'data':'x'}}]}]
                """));
  }

  @Test
  void aConversationWithToolsOfAnthropicsIsTakenApart() {
    var request =
        aRequest()
            .in(Dialect.ANTHROPIC)
            .saying("system", new TextPart("Be brief.", "5m"))
            .saying(
                "assistant",
                new Reasoning("hm", "sig", null),
                new TextPart("Let me see.", null),
                new ToolCall("t1", "weather", "{\"city\":\"Paris\"}", null),
                new ToolCall("t2", "weather", "{}", null))
            .saying(
                "user",
                new ToolResult("t1", List.of(new TextPart("Rain", null)), false, null),
                new ToolResult("t2", List.of(), true, null),
                new TextPart("Well?", null));
    var question = question("openai", "m", request.now());
    assertThat(question.body().path("messages"))
        .isEqualTo(
            json(
                """
                [{'role':'system','content':'Be brief.'},
                 {'role':'assistant','content':'Let me see.','tool_calls':[
                   {'id':'t1','type':'function','function':{'name':'weather','arguments':'{\\"city\\":\\"Paris\\"}'}},
                   {'id':'t2','type':'function','function':{'name':'weather','arguments':'{}'}}]},
                 {'role':'tool','tool_call_id':'t1','content':'Rain'},
                 {'role':'tool','tool_call_id':'t2','content':''},
                 {'role':'user','content':'Well?'}]
                """));
    assertThat(question.dropped()).containsExactlyInAnyOrder("thinking", "cache_control");
  }

  @Test
  void aCallOfAToolThatOnlyOpenAiKnowsStaysAmongTheCalls() {
    String call = "{'id':'c','type':'custom','custom':{'name':'sql','input':'SELECT 1'}}";
    var part = new RawPart("tool_call", call.replace('\'', '"'), null);
    var request = aRequest().in(Dialect.OPENAI).saying("assistant", part).now();
    assertThat(question("openai", "m", request).body().path("messages"))
        .isEqualTo(json("[{'role':'assistant','content':null,'tool_calls':[" + call + "]}]"));
    assertThatThrownBy(() -> question("anthropic", "c", request))
        .hasMessageContaining("messages[0]: a part of type custom");
  }

  @Test
  void thoughtsGoBackToWhoWroteThemSo() {
    var request =
        aRequest()
            .in(Dialect.OPENAI)
            .saying("assistant", new Reasoning("hm", null, null), new TextPart("Hi", null));
    assertThat(question("deepseek", "m", request.now()).body().path("messages"))
        .isEqualTo(json("[{'role':'assistant','content':'Hi','reasoning_content':'hm'}]"));
  }

  @Test
  void whatAnthropicAloneKnowsIsMappedOrDroppedAndListed() {
    var request =
        aRequest()
            .in(Dialect.ANTHROPIC)
            .saying("user", "Hi")
            .tier("standard_only")
            .with(o -> o.setExtra("{\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}}"))
            .aside("{'metadata':{'user_id':'u-1'}}");
    var question = question("openai", "m", request.now());
    assertThat(question.body())
        .isEqualTo(
            json(
                "{'model':'m','messages':[{'role':'user','content':'Hi'}],'service_tier':'default','user':'u-1'}"));
    assertThat(question.dropped()).containsExactly("thinking");
  }

  @Test
  void aDocumentIsAFile() {
    var request =
        aRequest()
            .in(Dialect.ANTHROPIC)
            .saying(
                "user",
                raw(
                    "{'type':'document','title':'a.pdf','source':{'type':'base64','media_type':'application/pdf','data':'AAAA'}}"),
                raw(
                    "{'type':'document','source':{'type':'text','media_type':'text/plain','data':'words'}}"));
    assertThat(question("openai", "m", request.now()).body().at("/messages/0/content"))
        .isEqualTo(
            json(
                """
                [{'type':'file','file':{'filename':'a.pdf','file_data':'data:application/pdf;base64,AAAA'}},
                 {'type':'text','text':'words'}]
                """));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "{'type':'search_result'}; search_result",
        "{'type':'document','source':{'type':'url','url':'https://x'}}; document",
        "{'type':'document'}; document",
      })
  void whatOpenAiHasNoWordsForIsNotSent(String part, String named) {
    var request = aRequest().in(Dialect.ANTHROPIC).saying("user", raw(part)).now();
    assertThatThrownBy(() -> question("openai", "m", request))
        .isInstanceOf(InexpressibleException.class)
        .hasMessageContaining("messages[0]")
        .hasMessageContaining(named);
  }

  @Test
  void anImageInAResultAndToolsOfAnthropicsHaveNoWords() {
    var image =
        aRequest()
            .in(Dialect.ANTHROPIC)
            .saying(
                "user",
                new ToolResult(
                    "t", List.of(new ImagePart("https://x/a.png", null, null)), false, null))
            .now();
    assertThatThrownBy(() -> question("openai", "m", image)).hasMessageContaining("an image");
    var search =
        aRequest()
            .in(Dialect.ANTHROPIC)
            .saying("user", "Hi")
            .with(o ->
                o.setTools(
                    List.of(
                        new Tool(
                            "s", null, null, null, null, "{\"type\":\"web_search_20250305\"}"))))
            .now();
    assertThatThrownBy(() -> question("openai", "m", search))
        .hasMessageContaining("tools[0] of type web_search_20250305");
    var place =
        aRequest()
            .in(Dialect.ANTHROPIC)
            .saying("user", "Hi")
            .with(o -> o.setExtra("{\"inference_geo\":\"us\"}"))
            .now();
    assertThatThrownBy(() -> question("openai", "m", place)).hasMessageContaining("inference_geo");
  }

  @Test
  void brokenSchemasAreTheirAuthorsFault() {
    var tool = new Tool("t", null, "{\"type\":", null, null, null);
    var request = aRequest().saying("user", "Hi").with(o -> o.setTools(List.of(tool))).now();
    assertThatThrownBy(() -> question("openai", "m", request))
        .isInstanceOf(InexpressibleException.class)
        .hasMessageContaining("tools[0].parameters");
  }

  @Test
  void extraFieldsNeverTakeThePlaceOfOurs() {
    var request =
        aRequest()
            .in(Dialect.OPENAI)
            .saying("user", "Hi")
            .at(0.5)
            .with(o ->
                o.setExtra(
                    "{\"model\":\"dear\",\"stream\":false,\"messages\":[],\"n\":9,\"temperature\":2,"
                        + "\"stream_options\":{\"include_usage\":false,\"include_obfuscation\":false},\"max_tokens\":1}"))
            .now();
    var provider = Presets.named("compatible").at("p", "http://x/v1", null);
    var question = question(provider, "m", request, true);
    assertThat(question.body())
        .isEqualTo(
            json(
                """
                {'model':'m','messages':[{'role':'user','content':'Hi'}],'temperature':0.5,'stream':true,
                 'stream_options':{'include_usage':true,'include_obfuscation':false}}
                """));
    assertThat(question.dropped())
        .containsExactlyInAnyOrder("model", "stream", "messages", "n", "temperature", "max_tokens");
  }

  @Test
  void usageOfAStreamIsAlwaysAskedForWhereThatIsUnderstood() {
    var request = aRequest().saying("user", "Hi").now();
    for (String preset : List.of("openai", "vllm", "mistral")) {
      var provider = Presets.named(preset).at("p", "http://x/v1", null);
      assertThat(question(provider, "m", request, true).body().has("stream_options"))
          .as(preset)
          .isEqualTo(!preset.equals("mistral"));
    }
  }

  @Test
  void modelsWithoutSystemTextsAreToldByTheUser() {
    var preset =
        Presets.read("test", "{\"old\":{\"like\":\"compatible\",\"system_role\":\"merge_user\"}}")
            .get("old");
    assertThat(preset).isNotNull();
    var request =
        aRequest()
            .saying("system", "Be brief.")
            .saying("developer", "Be kind.")
            .saying("user", "Hi")
            .now();
    assertThat(
            question(preset.at("p", "http://x/", null), "m", request, false)
                .body()
                .path("messages"))
        .isEqualTo(json("[{'role':'user','content':'Be brief.\\n\\nBe kind.\\n\\nHi'}]"));
    assertThat(
            question(
                    preset.at("p", "http://x/", null),
                    "m",
                    aRequest().saying("system", "Be brief.").now(),
                    false)
                .body()
                .path("messages"))
        .isEqualTo(json("[{'role':'user','content':'Be brief.'}]"));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "o3-mini, temperature top_p logprobs top_k",
    "gpt-5-mini, temperature top_p logprobs top_k",
    "GPT-5.6-luna, temperature top_p logprobs top_k",
    "gpt-5-chat-latest, top_k reasoning_effort",
    "gpt-4o, top_k reasoning_effort",
    "something-else, top_k",
  })
  void whatAModelRefusesIsLeftOutAndListed(String model, String denied) {
    var request =
        aRequest()
            .in(Dialect.OPENAI)
            .saying("user", "Hi")
            .at(0.3)
            .with(o ->
                o.setTopP(0.3)
                    .setTopK(4)
                    .setReasoningEffort("low")
                    .setExtra("{\"logprobs\":true}"));
    var question = question("openai", model, request.now());
    assertThat(question.dropped()).containsExactlyInAnyOrder(denied.split(" ", -1));
    assertThat(question.dropped()).allSatisfy(d -> assertThat(question.body().has(d)).isFalse());
  }

  @Test
  void aModelIsCalledByTheProvidersNameAndBilledByOurs() {
    var provider =
        Presets.named("together")
            .at("p", "http://x/v1", null)
            .naming(java.util.Map.of("llama-70b", "meta-llama/Llama-3.3-70B"));
    var question = question(provider, "llama-70b", aRequest().saying("user", "Hi").now(), false);
    assertThat(question.body().path("model").asText()).isEqualTo("meta-llama/Llama-3.3-70B");
    var read = "{'model':'%s','choices':[{'message':{'content':'x'},'finish_reason':'stop'}]}";
    assertThat(
            provider
                .dialect()
                .read(question, json(read.formatted("meta-llama/Llama-3.3-70B")))
                .bill()
                .model())
        .isEqualTo("llama-70b");
    assertThat(provider.dialect().read(question, json(read.formatted("other"))).bill().model())
        .isEqualTo("other");
  }

  @ParameterizedTest
  @ValueSource(strings = {"'a text'", "['a','b']", "[[1,2],[3]]"})
  void textsToEmbedGoAsTheyAre(String input) {
    var request =
        aRequest()
            .in(Dialect.OPENAI)
            .embedding(input)
            .with(o -> o.setExtra("{\"encoding_format\":\"base64\",\"dimensions\":64}"))
            .now();
    assertThat(question("openai", "e", request).body())
        .isEqualTo(
            json("{'model':'e','input':" + input + ",'encoding_format':'base64','dimensions':64}"));
  }

  @Test
  void embeddingsComeBackToTheDigit() {
    var question = question("openai", "e", aRequest().embedding("'a'").now());
    var body =
        Json.tree(
            "{\"object\":\"list\",\"data\":[{\"index\":0,\"embedding\":[0.0023064255,-1.0E-9,0.10]}],"
                + "\"model\":\"e-1\",\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}");
    assertThat(body).isNotNull();
    var result = (Result.Answered) question.inquiry().provider().dialect().read(question, body);
    assertThat(result.answer().getPayload())
        .isEqualTo("[{\"index\":0,\"embedding\":[0.0023064255,-1.0E-9,0.10]}]");
    assertThat(result.bill().usage()).isEqualTo(io.penstock.schemas.Tokens.plain(8, 0));
  }

  private static RawPart raw(String singleQuoted) {
    return new RawPart("x", singleQuoted.replace('\'', '"'), null);
  }
}
