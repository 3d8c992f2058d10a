package io.penstock.policies.prefix;

import static io.penstock.policies.ARequest.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.policies.prefix.Caching.Known;
import io.penstock.schemas.avro.Breakpoint;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.PromptCache;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told depends on who is asked, at the prices that ship with Penstock. */
class PromptCachingTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final PromptCaching AUTOMATIC = new PromptCaching(PriceCatalogue.bundled(), true);

  private final Map<String, Known> memory = new HashMap<>();

  @ParameterizedTest
  @CsvSource({
    "anthropic, claude-sonnet-4-5, nothing, marks",
    "anthropic, claude-opus-4-6, nothing, nothing", // It caches no prefix that short.
    "openai, gpt-5.6-luna, write_nothing, marks",
    "openai, gpt-5-mini, nothing, nothing",
    "mistral, mistral-small-2603, nothing, nothing",
    "somebody, gpt-5.6-luna, nothing, nothing",
    "openai, of-unknown-price, nothing, nothing"
  })
  void eachProviderIsToldWhatItUnderstandsOfAPromptOfTwoThousandTokens(
      String provider, String model, String first, String second) {
    assertThat(PromptCaching.word(asked(provider, model, "a?"))).isEqualTo(first);
    assertThat(PromptCaching.word(asked(provider, model, "b?"))).isEqualTo(second);
  }

  @Test
  void aBusyPrefixHasKeysWhereAKeyIsAllThatIsUnderstood() {
    for (int i = 0; i < 100; i++) {
      asked("mistral", "mistral-small-2603", "question " + i);
    }
    assertThat(PromptCaching.word(asked("mistral", "mistral-small-2603", "z?"))).isEqualTo("key");
  }

  @Test
  void whatOneModelHasReadAnotherHasNot() {
    asked("anthropic", "claude-sonnet-4-5", "a?");
    assertThat(asked("anthropic", "claude-sonnet-4-6", "b?")).isNull();
    assertThat(asked("anthropic", "claude-sonnet-4-5", "c?"))
        .isEqualTo(new PromptCache(null, List.of(new Breakpoint(1, "default")), false));
  }

  @Test
  void theFirstOfAPlanIsMeant() {
    var plan =
        List.of(
            new Candidate("anthropic", "claude-sonnet-4-5"), new Candidate("openai", "gpt-5-mini"));
    for (int i = 0; i < 2; i++) {
      var request = aRequest().withoutTurns().then("system", MANUAL).then("user", i + "?").build();
      memory.putAll(AUTOMATIC.decide(request, plan, memory::get, NOON).learnt());
    }
    assertThat(memory.keySet())
        .isNotEmpty()
        .allSatisfy(name -> assertThat(name).startsWith("anthropic/claude-sonnet-4-5/"));
  }

  @Test
  void switchedOffNobodyIsToldAnythingAndNothingIsLearnt() {
    var off = new PromptCaching(PriceCatalogue.bundled(), false);
    for (int i = 0; i < 3; i++) {
      var request = aRequest().withoutTurns().then("system", MANUAL).then("user", i + "?").build();
      var decision =
          off.decide(request, List.of(new Candidate("openai", "gpt-5.6-luna")), memory::get, NOON);
      assertThat(decision.cache()).isNull();
      assertThat(decision.learnt()).isEmpty();
    }
  }

  private static final String MANUAL = "The manual of the penstock. ".repeat(300);

  private @Nullable PromptCache asked(String provider, String model, String question) {
    var request = aRequest().withoutTurns().then("system", MANUAL).then("user", question).build();
    var decision =
        AUTOMATIC.decide(request, List.of(new Candidate(provider, model)), memory::get, NOON);
    memory.putAll(decision.learnt());
    return decision.cache();
  }
}
