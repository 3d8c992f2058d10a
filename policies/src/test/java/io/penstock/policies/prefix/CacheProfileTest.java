package io.penstock.policies.prefix;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.cost.PriceCatalogue;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheProfileTest {
  private static final PriceCatalogue PRICES = PriceCatalogue.bundled();
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "anthropic, claude-haiku-4-5, MARKED, 4096",
    "anthropic, claude-3-5-haiku-20241022, MARKED, 2048",
    "anthropic, claude-sonnet-4-5, MARKED, 1024",
    "openai, gpt-5.6-sol, IMPLICIT, 1024",
    "openai, gpt-5-mini, KEYED, 1024",
  })
  void aModelIsToldWhatItsProviderUnderstands(
      String provider, String model, CacheStyle style, long least) {
    var rates = PRICES.find(provider, model, NOW).orElseThrow().base();
    assertThat(CacheProfile.of(provider, model, rates)).isEqualTo(new CacheProfile(style, least));
  }

  @ParameterizedTest
  @CsvSource({
    "claude-opus-4-6, 4096",
    "claude-opus-4-7, 2048",
    "claude-opus-4-8, 1024",
    "claude-sonnet-5, 1024",
    "claude-sonnet-5-5, 512",
    "claude-haiku-5-5, 512",
    "claude-opus-5-5, 512",
    "claude-fable-5-1, 512",
  })
  void eachAnthropicModelHasItsOwnMinimum(String model, long least) {
    var rates = PRICES.find("anthropic", "claude-haiku-4-5", NOW).orElseThrow().base();
    assertThat(CacheProfile.of("anthropic", model, rates).leastTokens()).isEqualTo(least);
  }

  @ParameterizedTest
  @CsvSource({"xai", "somebody"})
  void aProviderWhoseWaysWeDoNotKnowIsToldNothing(String provider) {
    var rates = PRICES.find("openai", "gpt-5-mini", NOW).orElseThrow().base();
    assertThat(CacheProfile.of(provider, "a-model", rates).style()).isEqualTo(CacheStyle.NONE);
  }
}
