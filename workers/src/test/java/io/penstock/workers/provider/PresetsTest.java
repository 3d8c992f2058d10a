package io.penstock.workers.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PresetsTest {

  @Test
  void everyProviderOfTheListIsKnown() {
    assertThat(Presets.names())
        .contains(
            "openai",
            "anthropic",
            "compatible",
            "vllm",
            "azure",
            "azure-deployments",
            "gemini",
            "xai",
            "deepseek",
            "mistral",
            "groq",
            "openrouter",
            "together",
            "fireworks",
            "ollama",
            "llama.cpp");
  }

  @ParameterizedTest(name = "{0} chats at {1}")
  @CsvSource({
    "openai, https://api.openai.com/v1/chat/completions",
    "anthropic, https://api.anthropic.com/v1/messages",
    "gemini, https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
    "xai, https://api.x.ai/v1/chat/completions",
    "deepseek, https://api.deepseek.com/chat/completions",
    "mistral, https://api.mistral.ai/v1/chat/completions",
    "groq, https://api.groq.com/openai/v1/chat/completions",
    "openrouter, https://openrouter.ai/api/v1/chat/completions",
    "together, https://api.together.xyz/v1/chat/completions",
    "fireworks, https://api.fireworks.ai/inference/v1/chat/completions",
    "ollama, http://127.0.0.1:11434/v1/chat/completions",
    "llama.cpp, http://127.0.0.1:8080/v1/chat/completions",
  })
  void everyHostedProviderHasItsAddress(String name, String url) {
    assertThat(Presets.named(name).settings(null).chat("m")).hasToString(url);
  }

  @ParameterizedTest(name = "{0} at {1} chats at {2}")
  @CsvSource({
    "azure, https://r.openai.azure.com/openai/v1/, https://r.openai.azure.com/openai/v1/chat/completions",
    "azure-deployments, https://r.openai.azure.com/openai, https://r.openai.azure.com/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21",
    "vllm, http://10.0.0.1:8000/v1, http://10.0.0.1:8000/v1/chat/completions",
  })
  void othersAreWhereTheirUsersHaveThem(String name, String base, String url) {
    assertThat(Presets.named(name).at("p", base, null).chat("my gpt")).hasToString(url);
  }

  @Test
  void whoHasNoAddressOfItsOwnNeedsOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Presets.named("azure").settings(null))
        .withMessageContaining("azure")
        .withMessageContaining("base URL");
  }

  @Test
  void anUnknownNameIsToldWithTheKnownOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Presets.named("opena1"))
        .withMessageContaining("opena1")
        .withMessageContaining("openai");
  }

  @Test
  void aRowSaysWhatDiffersFromAnother() {
    var rows =
        Presets.read(
            "my.json",
            """
            {"mine": {"like": "groq", "base_url": "http://10.0.0.1/v1", "auth": "header:X-Key",
                      "model_map": {"llama": "llama-3.3-70b"}, "quota_error_codes": ["broke"],
                      "timeouts": {"idle": "90s", "call": "15m"},
                      "models": [{"names": ["o*"], "except": ["one"], "param_denylist": ["top_p"],
                                  "max_tokens_param": "max_tokens", "default_max_tokens": 7}]},
             "other": {"like": "mine", "usage_style": "openai"}}
            """);
    assertThat(rows.keySet()).containsExactly("mine", "other");
    var other = rows.get("other");
    assertThat(other).isNotNull();
    var settings = other.settings(new ApiKey("k"));
    assertThat(settings.wireModel("llama")).isEqualTo("llama-3.3-70b");
    Traits traits = settings.traits();
    assertThat(traits.auth()).isEqualTo(new Auth.Header("X-Key"));
    assertThat(traits.usage()).isEqualTo(UsageStyle.OPENAI);
    assertThat(traits.quotaCodes()).containsExactly("broke");
    assertThat(traits.timeouts().idle()).isEqualTo(Duration.ofSeconds(90));
    assertThat(traits.timeouts().call()).isEqualTo(Duration.ofMinutes(15));
    assertThat(traits.timeouts().connect()).isEqualTo(Traits.Timeouts.USUAL.connect());
    assertThat(traits.denied("opus", "x")).containsExactly("top_p");
    assertThat(traits.denied("x", "opus")).as("by the provider's name").containsExactly("top_p");
    assertThat(traits.denied("one", "one")).isEmpty();
    assertThat(traits.limitField("opus", "opus")).isEqualTo("max_tokens");
    assertThat(traits.limitField("x", "x")).isEqualTo("max_completion_tokens");
    assertThat(traits.defaultMaxTokens("opus", "opus")).isEqualTo(7);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "{\"a\":{\"bas_url\":\"x\"}} | my.json: row a: field bas_url: nobody knows it",
        "{\"a\":{\"base_url\":7}} | my.json: row a: field base_url: it must be a text, not NUMBER",
        "{\"a\":{\"like\":\"b\"}} | my.json: row a: field like: there is no row b before it",
        "{\"a\":{\"auth\":\"basic\"}} | my.json: row a: field auth: \"basic\" is no way to send a key",
        "{\"a\":{\"auth\":\"header:\"}} | my.json: row a: field auth",
        "{\"a\":{\"usage_style\":\"x\"}} | my.json: row a: field usage_style: \"x\" is none of openai, gemini_compat",
        "{\"a\":{\"like\":\"openai\",\"dialect\":\"x\"}} | my.json: row a: field dialect: \"x\" is no dialect",
        "{\"a\":{\"supports_stream_options\":\"no\"}} | my.json: row a: field supports_stream_options: it must be true or false",
        "{\"a\":{\"default_max_tokens\":0}} | my.json: row a: field default_max_tokens: it must be a whole number above 0",
        "{\"a\":{\"extra_headers\":{\"x\":1}}} | my.json: row a: field extra_headers: it must be an object of texts",
        "{\"a\":{\"quota_error_codes\":\"x\"}} | my.json: row a: field quota_error_codes: it must be a list of texts",
        "{\"a\":{\"timeouts\":{\"idle\":\"5\"}}} | my.json: row a: field timeouts: field idle: \"5\" is no duration",
        "{\"a\":{\"timeouts\":{\"idl\":\"5s\"}}} | my.json: row a: field timeouts: field idl: nobody knows it",
        "{\"a\":{\"models\":[{\"deny\":[]}]}} | my.json: row a: models[0]: field deny: nobody knows it",
        "{\"a\":{\"models\":[{}]}} | my.json: row a: models[0]: field names",
        "{\"a\":{\"models\":{}}} | my.json: row a: field models: it must be a list",
        "{\"a\":[]} | my.json: row a: it must be an object",
        "[] | my.json is no JSON object",
        "{ | my.json is no JSON object",
      })
  void whatIsWrongIsToldWithItsPlace(String json, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Presets.read("my.json", json))
        .withMessageContaining(message);
  }

  @Test
  void allThatIsWrongIsToldAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Presets.read("my.json", "{\"a\":{\"x\":1,\"y\":2},\"b\":{\"auth\":\"?\"}}"))
        .satisfies(e -> assertThat(e.getMessage()).hasLineCount(3));
  }
}
