package io.penstock.policies.cost;

import static io.penstock.policies.ARequest.aRequest;
import static io.penstock.policies.AnAttempt.anAttempt;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.AnAttempt;
import io.penstock.policies.Reason;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.CachedAnswer;
import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.avro.Usage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CostingTest {
  private static final Instant MAY = Instant.parse("2026-05-01T00:00:00Z");
  private static final Instant JUNE = Instant.parse("2026-06-01T00:00:00Z");
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  /** $1 and $6 per million tokens until June, then $2 and $8; the large model $10 and $50. */
  private static final Costing COSTING =
      new Costing(
          new PriceCatalogue(
              List.of(
                  price("small", "spring", Instant.EPOCH, JUNE, 1, 6),
                  price("small", "summer", JUNE, null, 2, 8),
                  price("large", "any", Instant.EPOCH, null, 10, 50))));

  private static final String PRINT = "00112233445566778899aabbccddeeff";
  private static final Usage USAGE = new Usage(1000L, 0L, 0L, 0L, 100L, 0L, 0L, 0L, 0L, 0L);
  private static final OutputMean MEAN = new OutputMean(1, 300, 0);

  @Test
  void anAttemptIsBilledByItsReportedUsage() {
    var ended = anAttempt("a1").by("openai", "small").startedAt(NOON).billedAs(null, USAGE);

    CostEvent event = COSTING.spent(ended.answered("yes"), MEAN);

    assertThat(event)
        .isEqualTo(
            new CostEvent(
                "attempt:a1",
                1_000_000,
                NOON,
                "default",
                Lane.STANDARD,
                "r1",
                "a1",
                "auto",
                "small",
                "openai",
                Cause.PROVIDER,
                Provenance.REPORTED,
                USAGE,
                "summer",
                usd("0.0028"),
                0L,
                Map.of(),
                null,
                null,
                List.of()));
  }

  @Test
  void theModelInTheResponseIsTheOneThatIsBilled() {
    var event =
        COSTING.spent(
            anAttempt("a1").by("openai", "small").billedAs("large", USAGE).answered("yes"), MEAN);

    assertThat(event.getModel()).isEqualTo("large");
    assertThat(event.getSpentPicoUsd()).isEqualTo(usd("0.015"));
  }

  @Test
  void aSnapshotInTheResponseIsBilledAsItsAlias() {
    var event =
        COSTING.spent(
            anAttempt("a1").by("openai", "small").billedAs("large-2026-02-03", USAGE).answered("y"),
            MEAN);

    assertThat(event.getModel()).as("as the provider said").isEqualTo("large-2026-02-03");
    assertThat(event.getSpentPicoUsd()).isEqualTo(usd("0.015"));
  }

  @Test
  void aCallIsBilledAtThePriceOfItsBeginning() {
    var event =
        COSTING.spent(
            anAttempt("a1")
                .by("openai", "small")
                .startedAt(JUNE.minusMillis(1))
                .billedAs(null, USAGE)
                .answered("yes"),
            MEAN);

    assertThat(event.getRatesVersion()).isEqualTo("spring");
    assertThat(event.getSpentPicoUsd()).isEqualTo(usd("0.0016"));
    assertThat(event.getAt()).isEqualTo(JUNE.minusMillis(1));
  }

  @Test
  void anUnknownPriceIsUnknownAndNeverNothing() {
    var event =
        COSTING.spent(
            anAttempt("a1").by("openai", "new").billedAs(null, USAGE).answered("y"), MEAN);

    assertThat(event.getSpentPicoUsd()).isNull();
    assertThat(event.getRatesVersion()).isNull();
    assertThat(event.getUsage()).as("so that it can be priced later").isEqualTo(USAGE);
    assertThat(event.getProvenance()).isEqualTo(Provenance.REPORTED);
  }

  @Test
  void anAnswerWithoutUsageIsEstimated() {
    var event = COSTING.spent(small("a1").estimatedAt(1000, null).answered("yes"), MEAN);

    assertThat(event.getProvenance()).isEqualTo(Provenance.ESTIMATED);
    assertThat(event.getUsage()).isEqualTo(new Usage(1000L, 0L, 0L, 0L, 300L, 0L, 0L, 0L, 0L, 0L));
    assertThat(event.getSpentPicoUsd()).isEqualTo(usd("0.0044"));
    assertThat(event.getRevision()).isEqualTo(1_000_000);
  }

  @Test
  void aFailureThatReportedItsUsageIsBilled() {
    var event =
        COSTING.spent(small("a1").billedAs(null, USAGE).failed(Reason.ANSWER_GARBLED), MEAN);

    assertThat(event.getProvenance()).isEqualTo(Provenance.REPORTED);
    assertThat(event.getSpentPicoUsd()).isEqualTo(usd("0.0028"));
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void aFailureWithoutUsageIsEstimatedIfTheProviderMayChargeAndFreeIfNot(Reason reason) {
    var event = COSTING.spent(small("a1").estimatedAt(1000, null).failed(reason), MEAN);

    if (reason.possiblyBilled()) {
      assertThat(event.getProvenance()).isEqualTo(Provenance.ESTIMATED);
      assertThat(event.getSpentPicoUsd()).isEqualTo(usd("0.0044"));
    } else {
      assertThat(event.getProvenance()).isEqualTo(Provenance.UNBILLED);
      assertThat(event.getSpentPicoUsd()).isZero();
      assertThat(event.getUsage()).isNull();
    }
  }

  @Test
  void aBugOfTheWorkersOwnDoesNotMakeACallFree() {
    var event = COSTING.spent(small("a1").failed(Reason.INTERNAL_ERROR), MEAN);

    assertThat(event.getProvenance()).isEqualTo(Provenance.ESTIMATED);
    assertThat(event.getSpentPicoUsd()).isPositive();
  }

  @Test
  void aFailureThatOnlyAnotherReleaseKnowsMayBeCharged() {
    var failure = new Failure("from_the_future", "?", null, true, null, null);

    assertThat(COSTING.spent(small("a1").failedWith(failure), MEAN).getProvenance())
        .isEqualTo(Provenance.ESTIMATED);
  }

  @Test
  void anUnbilledCallCostsNothingEvenAtAnUnknownPrice() {
    var event =
        COSTING.spent(anAttempt("a1").by("openai", "new").failed(Reason.RATE_LIMITED), MEAN);

    assertThat(event.getSpentPicoUsd()).isZero();
  }

  @Test
  void anOrphanIsEstimatedUntilItsEndIsHeardOf() {
    AnAttempt attempt = small("a1").estimatedAt(1000, 50);

    CostEvent guess = COSTING.orphaned(attempt.build(), MEAN);
    CostEvent known = COSTING.spent(attempt.billedAs(null, USAGE).answered("late"), MEAN);

    assertThat(guess.getProvenance()).isEqualTo(Provenance.ORPHANED);
    assertThat(guess.getSpentPicoUsd()).isEqualTo(usd("0.0024"));
    assertThat(known.getEventId()).isEqualTo(guess.getEventId());
    assertThat(known.getRevision()).isGreaterThan(guess.getRevision());
  }

  @Test
  void aSecondLookGivesTheSameEvent() {
    var ended = small("a1").billedAs(null, USAGE).answered("yes");

    assertThat(COSTING.spent(ended, MEAN)).isEqualTo(COSTING.spent(ended, OutputMean.UNKNOWN));
  }

  @Test
  void anAvoidedCallIsWorthItsStoredUsageAtThePriceOfItsInstant() {
    var request = aRequest().withId("r2").forTenant("acme").tagged("team", "turbines").build();

    CostEvent event =
        COSTING.avoided(
            request, Lane.EXPRESS, PRINT, cached("small", USAGE, MAY), Cause.EXACT, NOON);

    assertThat(event)
        .isEqualTo(
            new CostEvent(
                "answer:" + PRINT + "/r2",
                1_000_000,
                NOON,
                "acme",
                Lane.EXPRESS,
                "r2",
                null,
                "auto",
                "small",
                "openai",
                Cause.EXACT,
                Provenance.REPORTED,
                USAGE,
                "summer",
                0L,
                usd("0.0028"),
                Map.of("team", "turbines"),
                null,
                null,
                List.of()));
  }

  @Test
  void theBaselineDoesNotAssumeAnUncachedPrefix() {
    var warm = new Usage(100L, 900L, 0L, 0L, 100L, 0L, 0L, 0L, 0L, 0L);
    var catalogue =
        new PriceCatalogue(
            List.of(
                new Price(
                    "openai",
                    "small",
                    "v",
                    Instant.EPOCH,
                    null,
                    new Rates(
                        new Money(1_000_000), new Money(100_000), null, null, new Money(6_000_000)),
                    List.of())));

    var event =
        new Costing(catalogue)
            .avoided(
                aRequest().build(),
                Lane.BATCH,
                PRINT,
                cached("small", warm, MAY),
                Cause.COALESCED,
                NOON);

    assertThat(event.getAvoidedPicoUsd()).isEqualTo(usd("0.00079"));
  }

  @ParameterizedTest
  @CsvSource({"small, false", "new, true", "new, false"})
  void whatIsAvoidedIsUnknownWithoutAUsageOrAPrice(String model, boolean usageKnown) {
    CachedAnswer answer = cached(model, usageKnown ? USAGE : null, MAY);

    var event = COSTING.avoided(aRequest().build(), Lane.BATCH, PRINT, answer, Cause.EXACT, NOON);

    assertThat(event.getAvoidedPicoUsd()).isNull();
    assertThat(event.getSpentPicoUsd()).as("but nothing was spent").isZero();
  }

  @Test
  void spentAndAvoidedMakeUpTheBaseline() {
    var first = COSTING.spent(small("a1").billedAs(null, USAGE).answered("yes"), MEAN);
    var second =
        COSTING.avoided(
            aRequest().withId("r2").build(),
            Lane.BATCH,
            PRINT,
            cached("small", USAGE, NOON),
            Cause.EXACT,
            NOON);

    assertThat(first.getSpentPicoUsd() + second.getAvoidedPicoUsd())
        .as("two calls, as if nothing were shared")
        .isEqualTo(2 * usd("0.0028"));
  }

  @Test
  void anAmountBeyondAllBoundsIsUnknownAndSaysSo() {
    var absurd = new Usage(Long.MAX_VALUE, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L);

    var event = COSTING.spent(small("a1").billedAs(null, absurd).answered("yes"), MEAN);

    assertThat(event.getSpentPicoUsd()).isNull();
    assertThat(event.getNotes()).containsExactly("amount_too_large");
  }

  @ParameterizedTest
  @CsvSource({"-1, 0, 5, 0", "1, -1, 5, 0", "1, 0, -5, 0", "1, 0, 5, 6", "1, 0, 5, -1"})
  void countsThatCannotBeAreUnknownAndSaySo(long input, long read, long output, long reasoning) {
    var absurd = new Usage(input, read, 0L, 0L, output, reasoning, 0L, 0L, 0L, 0L);

    var event = COSTING.spent(small("a1").billedAs(null, absurd).answered("yes"), MEAN);

    assertThat(event.getSpentPicoUsd()).isNull();
    assertThat(event.getNotes()).containsExactly("usage_inconsistent");
  }

  private static AnAttempt small(String id) {
    return anAttempt(id).by("openai", "small").startedAt(NOON);
  }

  private static CachedAnswer cached(String model, @Nullable Usage usage, Instant storedAt) {
    return new CachedAnswer(Answers.text("yes", "stop"), "openai", model, usage, storedAt, null);
  }

  private static Price price(
      String model, String version, Instant from, @Nullable Instant to, long input, long output) {
    var rates =
        new Rates(new Money(input * 1_000_000), null, null, null, new Money(output * 1_000_000));
    return new Price("openai", model, version, from, to, rates, List.of());
  }

  private static long usd(String amount) {
    return Money.parse(amount).pico();
  }
}
