package io.penstock.workers.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderSettingsTest {

  @ParameterizedTest
  @CsvSource({
    "https://api.openai.com/v1,  https://api.openai.com/v1/chat/completions",
    "https://api.openai.com/v1/, https://api.openai.com/v1/chat/completions",
    "http://127.0.0.1:8000,      http://127.0.0.1:8000/chat/completions",
    "http://[::1]:8000/a%20b/v1, http://[::1]:8000/a%20b/v1/chat/completions",
  })
  void thePathGoesBelowTheBaseUrl(String baseUrl, String endpoint) {
    assertThat(ProviderSettings.openAi("p", baseUrl, null).chat("m")).hasToString(endpoint);
  }

  @Test
  void anthropicsBaseUrlHasNoVersion() {
    assertThat(ProviderSettings.anthropic("a", ProviderSettings.ANTHROPIC_URL, null).chat("m"))
        .hasToString("https://api.anthropic.com/v1/messages");
  }

  @Test
  void onlyOpenAiItselfSpeaksTheOriginal() {
    assertThat(ProviderSettings.openAi("o", ProviderSettings.OPENAI_URL, null).traits())
        .isEqualTo(Presets.named("openai").traits());
    assertThat(ProviderSettings.openAi("o", "http://api.openai.com.evil/v1", null).traits())
        .isEqualTo(Presets.named("compatible").traits());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "api.openai.com",
        "ftp://x/",
        "http://",
        "http://x/?a=b",
        "http://x/#a",
        "http://u:p@x/",
      })
  void aBaseUrlThatIsNoneIsRefused(String baseUrl) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ProviderSettings.openAi("p", baseUrl, null))
        .withMessageContaining("base URL of provider p");
  }

  @Test
  void aKeyNeverShows() {
    var settings = ProviderSettings.openAi("p", "http://x/", new ApiKey("sk-secret"));
    assertThat(settings.toString()).contains("***").doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sk-secret\n",
        "sk secret",
        "“sk-secret”",
        "\"sk-secret\"",
        "'sk-secret'",
        "sk-secret\u0000"
      })
  void aKeyThatCannotBeSentIsRefusedWithoutShowing(String key) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ApiKey(key))
        .withMessageNotContaining("secret");
  }

  @Test
  void twoProvidersOfOneNameAreRefused() {
    var twice =
        List.of(
            ProviderSettings.openAi("p", "http://x/", null),
            ProviderSettings.anthropic("p", "http://y/", null));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Providers(twice, InstantSource.system()).close())
        .withMessageContaining("called p");
  }
}
