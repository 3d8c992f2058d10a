package io.penstock.policies.cost;

import static io.penstock.policies.AnAttempt.anAttempt;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.AnAttempt;
import io.penstock.policies.Reason;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.avro.Usage;
import org.junit.jupiter.api.Test;

/**
 * What other gateways have got wrong, as far as it is a matter of pricing (docs/measurements.md,
 * Providers §5.3). How each provider's own counts are read is tested where they are read.
 */
class KnownBugsTest {
  private static final Costing COSTING = new Costing(PriceCatalogue.bundled());

  @Test
  void cachedTokensAreNotBilledAsPromptTokensToo() {
    // Gemini, litellm 14849: 20,212 in the prompt, of which 16,298 were cached.
    assertThat(cost("google", "gemini-3-flash-preview", usage(3914, 16298, 0, 0, 931)))
        .isEqualTo(usd("0.0055649"));
  }

  @Test
  void whatWasWrittenToTheCacheIsNotInputToo() {
    // Anthropic, litellm 9812: it came out at 0.091311.
    assertThat(cost("anthropic", "claude-sonnet-4-5", usage(3, 0, 12304, 0, 550)))
        .isEqualTo(usd("0.054399"));
  }

  @Test
  void cacheReadsOfAStreamAreNotBilledAtTheFullPrice() {
    // litellm 11789, and 6215: read at a tenth of the input price.
    assertThat(cost("anthropic", "claude-sonnet-4-5", usage(0, 10_000, 0, 0, 0)))
        .isEqualTo(usd("0.003"));
    assertThat(cost("openai", "gpt-5-mini", usage(0, 10_000, 0, 0, 0))).isEqualTo(usd("0.00025"));
  }

  @Test
  void usageThatOnlyPartlyArrivedIsNotThrownAway() {
    // litellm 36168: without the reads, the prompt would cost four times as much.
    CostEvent event =
        event(
            anAttempt("a1")
                .by("anthropic", "claude-sonnet-4-5")
                .billedAs(null, usage(1000, 9000, 0, 0, 1))
                .noting("partial")
                .counted(usage(10_000, 0, 0, 0, 120))
                .failed(Reason.WITHDRAWN));

    assertThat(event.getProvenance()).isEqualTo(Provenance.REPORTED_PARTIAL);
    assertThat(event.getUsage()).isEqualTo(usage(1000, 9000, 0, 0, 120));
    assertThat(event.getSpentPicoUsd()).isEqualTo(usd("0.0075"));
  }

  @Test
  void aClientThatLeavesDoesNotMakeACallFree() {
    // litellm 14457.
    CostEvent event =
        event(
            anAttempt("a1")
                .by("openai", "gpt-5-mini")
                .counted(usage(1000, 0, 0, 0, 40))
                .failed(Reason.WITHDRAWN));

    assertThat(event.getProvenance()).isEqualTo(Provenance.ESTIMATED);
    assertThat(event.getUsage()).isEqualTo(usage(1000, 0, 0, 0, 40));
    assertThat(event.getSpentPicoUsd()).isEqualTo(usd("0.00033"));
  }

  @Test
  void aReportedZeroIsZeroAndNotMissing() {
    // litellm 37992.
    CostEvent zero =
        event(
            anAttempt("a1")
                .by("openai", "gpt-5-mini")
                .estimatedAt(1000, null)
                .billedAs(null, usage(0, 0, 0, 0, 0))
                .counted(usage(1000, 0, 0, 0, 40))
                .answered(""));
    CostEvent missing =
        event(anAttempt("a2").by("openai", "gpt-5-mini").estimatedAt(1000, null).answered(""));

    assertThat(zero.getProvenance()).isEqualTo(Provenance.REPORTED);
    assertThat(zero.getSpentPicoUsd()).isZero();
    assertThat(missing.getProvenance()).isEqualTo(Provenance.ESTIMATED);
    assertThat(missing.getSpentPicoUsd()).isPositive();
  }

  @Test
  void hiddenReasoningIsBilledAndWhereItCannotBeSeenThatIsSaid() {
    // litellm 35290: nine tenths of an output may be thoughts.
    var thinking = new Usage(1000L, 0L, 0L, 0L, 1000L, 900L, 0L, 0L, 0L, 0L);
    CostEvent unseen =
        COSTING.spent(
            anAttempt("a1")
                .by("openai", "gpt-5-mini")
                .counted(usage(1000, 0, 0, 0, 100))
                .answered("short"),
            OutputMean.UNKNOWN.with(thinking));

    assertThat(cost("openai", "gpt-5-mini", thinking)).isEqualTo(usd("0.00225"));
    assertThat(unseen.getProvenance()).isEqualTo(Provenance.ESTIMATED);
    assertThat(unseen.getNotes()).containsExactly("reasoning_unseen");
  }

  @Test
  void theServiceTierIsNotIgnored() {
    // litellm 30135.
    AnAttempt attempt =
        anAttempt("a1").by("openai", "gpt-5-mini").billedAs(null, usage(1000, 0, 0, 0, 0));

    assertThat(event(attempt.inTier(null, "default").answered("y")).getSpentPicoUsd())
        .isEqualTo(usd("0.00025"));
    assertThat(event(attempt.inTier(null, "batch").answered("y")).getSpentPicoUsd())
        .isEqualTo(usd("0.000125"));
    assertThat(event(attempt.inTier(null, "batch").answered("y")).getServiceTier())
        .isEqualTo("batch");
  }

  @Test
  void aLongPromptInABatchIsBilledAtTheLongPromptsBatchPrice() {
    // litellm 39861.
    CostEvent event =
        event(
            anAttempt("a1")
                .by("openai", "gpt-5.6-sol")
                .inTier("batch", null)
                .billedAs(null, usage(272_001, 0, 0, 0, 1000))
                .answered("y"));

    assertThat(event.getSpentPicoUsd()).isEqualTo(usd("1.382505"));
  }

  @Test
  void aLongPromptIsDearFromItsFirstTokenOn() {
    long at = cost("openai", "gpt-5.4", usage(272_000, 0, 0, 0, 0));
    long above = cost("openai", "gpt-5.4", usage(272_001, 0, 0, 0, 0));

    assertThat(at).isEqualTo(usd("0.68"));
    assertThat(above).as("not a dearer last token").isEqualTo(usd("1.360005"));
  }

  @Test
  void thoughtsOfGeminiAreOutput() {
    // Portkey counts candidates only; opik 6982.
    var thinking = new Usage(21L, 0L, 0L, 0L, 60L, 60L, 0L, 0L, 0L, 0L);

    assertThat(cost("google", "gemini-3-flash-preview", thinking)).isEqualTo(usd("0.0001905"));
  }

  private static long cost(String provider, String model, Usage usage) {
    Long spent =
        event(anAttempt("a1").by(provider, model).billedAs(null, usage).answered("yes"))
            .getSpentPicoUsd();
    assertThat(spent).isNotNull();
    return spent;
  }

  private static CostEvent event(AttemptEnded ended) {
    return COSTING.spent(ended, OutputMean.UNKNOWN);
  }

  private static Usage usage(long input, long read, long write, long writeLong, long output) {
    return new Usage(input, read, write, writeLong, output, 0L, 0L, 0L, 0L, 0L);
  }

  private static long usd(String amount) {
    return Money.parse(amount).pico();
  }
}
