package io.penstock.policies.cost;

import static io.penstock.policies.AnAttempt.anAttempt;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.Money;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Usage;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Known bills, from an attempt's end to its cost event, at the prices that ship
 * (docs/measurements.md, Providers §5.5).
 */
class TestVectorsTest {
  private static final Costing COSTING = new Costing(PriceCatalogue.bundled());
  private static final String NOW = "2026-11-24T12:00:00Z";

  static Stream<Arguments> vectors() {
    return Stream.of(
        vector(
            "OpenAI's example on luna in July",
            "openai",
            "gpt-5.6-luna",
            null,
            null,
            "2026-07-20T12:00:00Z",
            usage(86, 1920, 0, 0, 300),
            "0.002078"),
        vector(
            "gpt-5-mini",
            "openai",
            "gpt-5-mini",
            null,
            "default",
            NOW,
            usage(1000, 1000, 0, 0, 500),
            "0.001275"),
        vector(
            "gpt-5-mini, the response says flex",
            "openai",
            "gpt-5-mini",
            null,
            "flex",
            NOW,
            usage(1000, 1000, 0, 0, 500),
            "0.0006375"),
        vector(
            "gpt-5-mini, flex asked, the response says default",
            "openai",
            "gpt-5-mini",
            "flex",
            "default",
            NOW,
            usage(1000, 1000, 0, 0, 500),
            "0.001275"),
        vector(
            "gpt-5-mini, flex asked, the response says nothing",
            "openai",
            "gpt-5-mini",
            "flex",
            null,
            NOW,
            usage(1000, 1000, 0, 0, 500),
            "0.0006375"),
        vector(
            "gpt-5-mini, fast asked and served",
            "openai",
            "gpt-5-mini",
            "fast",
            "priority",
            NOW,
            usage(1000, 1000, 0, 0, 500),
            "0.002295",
            "price_derived"),
        vector(
            "Anthropic, litellm 9812",
            "anthropic",
            "claude-sonnet-4-5",
            null,
            "standard",
            NOW,
            usage(3, 0, 12304, 0, 550),
            "0.054399"),
        vector(
            "Gemini flash",
            "google",
            "gemini-3-flash-preview",
            null,
            null,
            NOW,
            usage(3914, 16298, 0, 0, 931),
            "0.0055649"),
        vector(
            "Sonnet 5.5, written for 5 minutes and for an hour",
            "anthropic",
            "claude-sonnet-5-5",
            null,
            null,
            NOW,
            usage(200, 10000, 2000, 4000, 500),
            "0.0274"),
        vector(
            "gpt-5.5 beyond 272,000",
            "openai",
            "gpt-5.5",
            null,
            null,
            NOW,
            usage(300_000, 0, 0, 0, 1000),
            "3.045",
            "price_derived"),
        vector(
            "gpt-5.4 beyond 272,000 in a batch",
            "openai",
            "gpt-5.4",
            "batch",
            null,
            NOW,
            usage(300_000, 0, 0, 0, 1000),
            "0.76125",
            "price_derived"),
        vector(
            "gpt-5.4 in a batch, cached at .13",
            "openai",
            "gpt-5.4",
            "batch",
            null,
            NOW,
            usage(0, 1_000_000 / 10, 0, 0, 0),
            "0.013",
            "price_derived"),
        vector(
            "gpt-4o in a batch, where nothing cached is cheaper",
            "openai",
            "gpt-4o",
            "batch",
            null,
            NOW,
            usage(0, 1000, 0, 0, 0),
            "0.00125"),
        vector(
            "Haiku in a batch, cached",
            "anthropic",
            "claude-haiku-4-5",
            null,
            "batch",
            NOW,
            usage(0, 1000, 1000, 1000, 1000),
            "0.004175"),
        vector(
            "Sonnet, with two searches",
            "anthropic",
            "claude-sonnet-4-5",
            null,
            null,
            NOW,
            searches(1000, 2),
            "0.023"),
        vector(
            "DeepSeek off-peak",
            "deepseek",
            "deepseek-v4-flash",
            null,
            null,
            "2026-11-24T12:00:00Z",
            usage(1000, 9000, 0, 0, 500),
            "0.000477"),
        vector(
            "DeepSeek at the peak",
            "deepseek",
            "deepseek-v4-flash",
            null,
            null,
            "2026-11-24T01:00:00Z",
            usage(1000, 9000, 0, 0, 500),
            "0.000954"),
        vector(
            "DeepSeek in the last moment of the peak",
            "deepseek",
            "deepseek-v4-flash",
            null,
            null,
            "2026-11-24T03:59:59.999Z",
            usage(1000, 9000, 0, 0, 500),
            "0.000954"),
        vector(
            "DeepSeek as the peak ends",
            "deepseek",
            "deepseek-v4-flash",
            null,
            null,
            "2026-11-24T04:00:00Z",
            usage(1000, 9000, 0, 0, 500),
            "0.000477"),
        vector(
            "DeepSeek on a Saturday",
            "deepseek",
            "deepseek-v4-flash",
            null,
            null,
            "2026-11-28T02:00:00Z",
            usage(1000, 9000, 0, 0, 500),
            "0.000477"),
        vector(
            "DeepSeek on a holiday",
            "deepseek",
            "deepseek-v4-flash",
            null,
            null,
            "2026-10-01T02:00:00Z",
            usage(1000, 9000, 0, 0, 500),
            "0.000477"),
        vector(
            "Gemini by OpenAI's API, thoughts outside its completion",
            "google",
            "gemini-3-flash-preview",
            null,
            null,
            NOW,
            usage(21, 0, 0, 0, 60),
            "0.0001905"),
        vector(
            "Groq's flex is no cheaper",
            "groq",
            "groq/llama-3.1-8b-instant",
            "flex",
            null,
            NOW,
            usage(1000, 0, 0, 0, 0),
            "0.00005"),
        vector(
            "a flex that nobody priced is half",
            "openai",
            "gpt-4.1",
            "flex",
            null,
            NOW,
            usage(1000, 0, 0, 0, 0),
            "0.001",
            "price_derived"),
        vector(
            "a priority that nobody priced is unknown",
            "openai",
            "gpt-4.1",
            null,
            "priority",
            NOW,
            usage(1000, 0, 0, 0, 0),
            null,
            "tier_unpriced"),
        vector(
            "a search that nobody priced is unknown",
            "openai",
            "gpt-4.1",
            null,
            null,
            NOW,
            searches(1000, 1),
            null,
            "fee_unpriced"));
  }

  private static Arguments vector(
      String what,
      String provider,
      String model,
      @Nullable String asked,
      @Nullable String told,
      String at,
      Usage usage,
      @Nullable String usd,
      String... notes) {
    return Arguments.of(what, provider, model, asked, told, at, usage, usd, List.of(notes));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("vectors")
  void aKnownBillIsMetToThePicoDollar(
      String what,
      String provider,
      String model,
      @Nullable String asked,
      @Nullable String told,
      Instant at,
      Usage usage,
      @Nullable String usd,
      List<String> notes) {
    CostEvent event =
        COSTING.spent(
            anAttempt("a1")
                .by(provider, model)
                .startedAt(at)
                .inTier(asked, told)
                .billedAs(null, usage)
                .answered("yes"),
            OutputMean.UNKNOWN);

    assertThat(event.getSpentPicoUsd()).isEqualTo(usd == null ? null : Money.parse(usd).pico());
    assertThat(event.getNotes()).isEqualTo(notes);
  }

  private static Usage usage(long input, long read, long write, long writeLong, long output) {
    return new Usage(input, read, write, writeLong, output, 0L, 0L, 0L, 0L, 0L);
  }

  private static Usage searches(long input, long searches) {
    return new Usage(input, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, searches);
  }
}
