package io.penstock.policies.budget;

import static io.penstock.policies.ARequest.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.ARequest;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Options;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a call may cost at most, by all that prices have in them. "abcd" is 140 tokens of input at
 * most: its bytes, and 136 around them.
 */
class CeilingTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final long INPUT = 140;
  private static final PriceCatalogue PRICES =
      prices(
          """
          {"version": "t", "rows": [
            {"provider": "p", "model": "plain", "effective_from": "2026-01-01T00:00:00Z",
             "usd_per_mtok": {"input": "1", "output": "10"}},
            {"provider": "p", "model": "long-write", "effective_from": "2026-01-01T00:00:00Z",
             "usd_per_mtok": {"input": "1", "cache_write": "1.25", "cache_write_long": "2",
                              "output": "10"}},
            {"provider": "p", "model": "thinks", "effective_from": "2026-01-01T00:00:00Z",
             "usd_per_mtok": {"input": "1", "output": "10", "reasoning": "12"}},
            {"provider": "p", "model": "hears", "effective_from": "2026-01-01T00:00:00Z",
             "usd_per_mtok": {"input": "1", "audio_input": "40", "output": "10",
                              "audio_output": "80"}},
            {"provider": "p", "model": "tiered", "effective_from": "2026-01-01T00:00:00Z",
             "usd_per_mtok": {"input": "1", "output": "10"},
             "tiers": [{"above_input_tokens": 1000,
                        "usd_per_mtok": {"input": "2", "output": "15"}}]},
            {"provider": "p", "model": "rises", "effective_from": "2026-01-01T00:00:00Z",
             "effective_to": "2026-11-24T12:01:00Z",
             "usd_per_mtok": {"input": "1", "output": "10"}},
            {"provider": "p", "model": "rises", "effective_from": "2026-11-24T12:01:00Z",
             "usd_per_mtok": {"input": "3", "output": "30"}},
            {"provider": "p", "model": "vip", "effective_from": "2026-01-01T00:00:00Z",
             "usd_per_mtok": {"input": "1", "output": "10"},
             "service_tiers": {"priority": {"usd_per_mtok": {"input": "2", "output": "20"}}}},
            {"provider": "p", "model": "peaks", "effective_from": "2026-01-01T00:00:00Z",
             "usd_per_mtok": {"input": "1", "output": "10"},
             "windows": [{"hours_utc": ["01:00-04:00"],
                          "usd_per_mtok": {"input": "2", "output": "20"}}]},
            {"provider": "p", "model": "dated", "effective_from": "2026-01-01T00:00:00Z",
             "usd_per_mtok": {"input": "1", "output": "10"}},
            {"provider": "p", "model": "dated-2026-02-02",
             "effective_from": "2026-01-01T00:00:00Z",
             "usd_per_mtok": {"input": "4", "output": "40"}}
          ]}
          """);

  static Stream<Arguments> calls() {
    return Stream.of(
        row("the answer in full", "plain", asking(), INPUT * 1 + 100 * 10),
        row("as much as is assumed", "plain", asking().answeredInAtMost(null), INPUT + 1000 * 10),
        row("every choice", "plain", asking().with(choices(3)), INPUT + 300 * 10),
        row("a write that lasts an hour", "long-write", asking(), INPUT * 2 + 100 * 10),
        row("thoughts", "thinks", asking(), INPUT + 100 * 12),
        row("text is not sound", "hears", asking(), INPUT + 100 * 10),
        row("a short prompt", "tiered", asking(), INPUT + 100 * 10),
        row("a long one", "tiered", asking().asking("a".repeat(900)), (136 + 900) * 2 + 100 * 15),
        row("a price that changes before", "rises", asking(), INPUT + 100 * 10),
        row("and until the deadline", "rises", dueIn(Duration.ofMinutes(2)), INPUT * 3 + 100 * 30),
        row("the dearest time of day", "peaks", asking(), INPUT * 2 + 100 * 20),
        row("the usual tier", "vip", asking(), INPUT + 100 * 10),
        row("a dear tier", "vip", asking().atTier("priority"), INPUT * 2 + 100 * 20),
        row("a cheap one, were it full", "vip", asking().atTier("flex"), INPUT + 100 * 10),
        row("a dated snapshot that is dearer", "dated", asking(), INPUT * 4 + 100 * 40),
        row(
            "a prediction that is wrong",
            "plain",
            asking().with(extra("{\"prediction\":{\"content\":\"xyz\"}}")),
            INPUT + 32 + (100 + 32) * 10));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("calls")
  void aCallCostsAtMost(String what, String model, ARequest request, long millionths) {
    assertThat(most(model, request)).contains(new Money(millionths * 1_000_000));
  }

  @Test
  void whatNobodyCanTellIsUnknown() {
    assertThat(most("unheard-of", asking())).isEmpty();
    assertThat(most("plain", asking().atTier("priority"))).as("a tier without a price").isEmpty();
    assertThat(most("plain", asking().with(extra("{\"web_search_options\":{}}"))))
        .as("searches")
        .isEmpty();
  }

  private static Optional<Money> most(String model, ARequest request) {
    return new Ceiling(PRICES, 1_000).of(request.build(), List.of(new Candidate("p", model)), NOON);
  }

  private static ARequest asking() {
    return aRequest().asking("abcd").answeredInAtMost(100).dueBy(NOON.plusSeconds(30));
  }

  private static ARequest dueIn(Duration time) {
    return asking().dueBy(NOON.plus(time));
  }

  private static Options choices(int choices) {
    return Options.newBuilder().setChoices(choices).build();
  }

  private static Options extra(@Nullable String json) {
    return Options.newBuilder().setExtra(json).build();
  }

  private static Arguments row(String what, String model, ARequest request, long millionths) {
    return Arguments.of(what, model, request, millionths);
  }

  private static PriceCatalogue prices(String json) {
    try {
      return PriceCatalogue.parse(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
