package io.penstock.policies.cost;

import static io.penstock.policies.AnAttempt.anAttempt;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.AnAttempt;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.avro.Usage;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** How an amount is known. The mean output is 300, and an attempt's input is guessed at 1,000. */
class EvidenceTest {
  private static final Costing COSTING = new Costing(PriceCatalogue.bundled());
  private static final OutputMean MEAN = new OutputMean(1, 300, 0);

  static Stream<Arguments> answers() {
    return Stream.of(
        row(
            "what is reported counts",
            usage(10, 5),
            usage(99, 99),
            false,
            Provenance.REPORTED,
            usage(10, 5)),
        row(
            "what we counted where nothing is reported",
            null,
            usage(90, 40),
            false,
            Provenance.ESTIMATED,
            usage(90, 40)),
        row(
            "a guess where nobody counted",
            null,
            null,
            false,
            Provenance.ESTIMATED,
            usage(1000, 300)),
        row(
            "an empty answer that we counted is empty",
            null,
            usage(90, 0),
            false,
            Provenance.ESTIMATED,
            usage(90, 0)),
        row(
            "a guess at the input where only the output was counted",
            null,
            usage(0, 40),
            false,
            Provenance.ESTIMATED,
            usage(1000, 40)),
        row(
            "a stream that broke off after its input",
            usage(10, 1),
            usage(99, 40),
            true,
            Provenance.REPORTED_PARTIAL,
            usage(10, 40)),
        row(
            "a report of the output that is later than our count",
            usage(10, 50),
            usage(99, 40),
            true,
            Provenance.REPORTED_PARTIAL,
            usage(10, 50)),
        row(
            "a report of the output alone",
            usage(0, 50),
            usage(99, 40),
            true,
            Provenance.REPORTED_PARTIAL,
            usage(99, 50)),
        row(
            "a part, of which nobody counted the rest",
            usage(10, 0),
            null,
            true,
            Provenance.REPORTED_PARTIAL,
            usage(10, 300)));
  }

  private static Arguments row(
      String what,
      @Nullable Usage reported,
      @Nullable Usage counted,
      boolean partial,
      Provenance provenance,
      Usage priced) {
    return Arguments.of(what, reported, counted, partial, provenance, priced);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answers")
  void anAnswerIsPricedByTheBestThatIsKnown(
      String what,
      @Nullable Usage reported,
      @Nullable Usage counted,
      boolean partial,
      Provenance provenance,
      Usage priced) {
    AnAttempt attempt = anAttempt("a1").estimatedAt(1000, null).billedAs(null, reported);
    if (counted != null) {
      attempt.counted(counted);
    }
    if (partial) {
      attempt.noting("partial");
    }

    CostEvent event = COSTING.spent(attempt.answered("yes"), MEAN);

    assertThat(event.getProvenance()).isEqualTo(provenance);
    assertThat(event.getUsage()).isEqualTo(priced);
    assertThat(event.getNotes()).as("the provenance says it").isEmpty();
    assertThat(event.getSpentPicoUsd()).isNotNull();
  }

  @Test
  void aCallThatFailedBeforeAnythingCameBackWasAtWorkAllTheSame() {
    var event =
        COSTING.spent(anAttempt("a1").counted(usage(90, 0)).failed(Reason.PROVIDER_TIMEOUT), MEAN);

    assertThat(event.getUsage()).isEqualTo(usage(90, 300));
  }

  @Test
  void aCallThatBrokeOffCostsWhatCameBack() {
    var event =
        COSTING.spent(anAttempt("a1").counted(usage(90, 7)).failed(Reason.PROVIDER_TIMEOUT), MEAN);

    assertThat(event.getUsage()).isEqualTo(usage(90, 7));
  }

  @Test
  void aStreamThatEndedInAnErrorCostsWhatCameBackWhateverTheErrorIsCalled() {
    var event =
        COSTING.spent(
            anAttempt("a1").counted(usage(90, 7)).failed(Reason.PROVIDER_OVERLOADED), MEAN);

    assertThat(event.getProvenance()).isEqualTo(Provenance.ESTIMATED);
    assertThat(event.getUsage()).isEqualTo(usage(90, 7));
  }

  @Test
  void aWithdrawnCallThatNeverLeftIsFree() {
    var event = COSTING.spent(anAttempt("a1").counted(usage(0, 0)).failed(Reason.WITHDRAWN), MEAN);

    assertThat(event.getProvenance()).isEqualTo(Provenance.UNBILLED);
    assertThat(event.getSpentPicoUsd()).isZero();
  }

  @Test
  void aRefusedCallIsFreeWhateverWeCounted() {
    var event =
        COSTING.spent(anAttempt("a1").counted(usage(90, 0)).failed(Reason.RATE_LIMITED), MEAN);

    assertThat(event.getProvenance()).isEqualTo(Provenance.UNBILLED);
    assertThat(event.getUsage()).isNull();
    assertThat(event.getSpentPicoUsd()).isZero();
  }

  @Test
  void whatIsCachedStaysCachedInAPart() {
    var reported = new Usage(10L, 20L, 30L, 40L, 1L, 0L, 5L, 5L, 0L, 1L);
    var event =
        COSTING.spent(
            anAttempt("a1")
                .by("anthropic", "claude-haiku-4-5")
                .billedAs(null, reported)
                .counted(usage(99, 40))
                .noting("partial")
                .failed(Reason.WITHDRAWN),
            MEAN);

    assertThat(event.getUsage()).isEqualTo(new Usage(10L, 20L, 30L, 40L, 40L, 0L, 5L, 5L, 0L, 1L));
  }

  @Test
  void whatTheWorkerNotedIsSaidOnceInTheLedgersWords() {
    var event =
        COSTING.spent(
            anAttempt("a1")
                .inTier(null, "batch")
                .billedAs(null, usage(10, 5))
                .noting("inconsistent", "usage_inconsistent", "odd", "price_derived")
                .answered("yes"),
            MEAN);

    assertThat(event.getNotes()).isEqualTo(List.of("usage_inconsistent", "odd", "price_derived"));
  }

  @Test
  void thoughtsThatWereCountedAreNotUnseen() {
    var thinking = new OutputMean(1, 300, 200);
    var counted = new Usage(90L, 0L, 0L, 0L, 40L, 30L, 0L, 0L, 0L, 0L);

    assertThat(COSTING.spent(anAttempt("a1").counted(counted).answered("y"), thinking).getNotes())
        .isEmpty();
    assertThat(COSTING.spent(anAttempt("a1").answered("y"), thinking).getNotes())
        .as("a guess at the mean has them in it")
        .isEmpty();
    assertThat(
            COSTING
                .spent(anAttempt("a1").counted(usage(90, 40)).answered("y"), thinking)
                .getNotes())
        .containsExactly("reasoning_unseen");
  }

  @Test
  void anOrphanIsPricedInTheTierThatWasAskedFor() {
    var usual = COSTING.orphaned(anAttempt("a1").build(), MEAN);
    var flex = COSTING.orphaned(anAttempt("a1").inTier("flex", null).build(), MEAN);

    assertThat(flex.getSpentPicoUsd() * 2).isEqualTo(usual.getSpentPicoUsd());
    assertThat(flex.getServiceTier()).isEqualTo("flex");
    assertThat(usual.getServiceTier()).isNull();
  }

  private static Usage usage(long input, long output) {
    return new Usage(input, 0L, 0L, 0L, output, 0L, 0L, 0L, 0L, 0L);
  }
}
