package io.penstock.policies.cost;

import static io.penstock.policies.ARequest.aRequest;
import static io.penstock.policies.AnAttempt.anAttempt;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.AnAttempt;
import io.penstock.policies.Reason;
import io.penstock.policies.cost.Repricing.Outcome;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.CachedAnswer;
import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Usage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RepricingTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final Usage USAGE = new Usage(1_000L, 0L, 0L, 0L, 100L, 0L, 0L, 0L, 0L, 0L);
  private static final PriceCatalogue OLD = catalogue("old", 1);
  private static final PriceCatalogue NEW = catalogue("new", 3);
  private static final Costing COSTING = new Costing(OLD);
  private static final Repricing REPRICING = new Repricing(NEW);

  @Test
  void anEventIsPricedAgainUnderTheNextRevision() {
    CostEvent before = spent(small());

    CostEvent after = changed(REPRICING.again(before));

    assertThat(after)
        .isEqualTo(
            CostEvent.newBuilder(before)
                .setRevision(before.getRevision() + 1)
                .setRatesVersion("new")
                .setSpentPicoUsd(3 * before.getSpentPicoUsd())
                .build());
  }

  @Test
  void doneTwiceItChangesNothingMore() {
    CostEvent after = changed(REPRICING.again(spent(small())));

    assertThat(REPRICING.again(after)).isEqualTo(new Outcome.Same());
  }

  @Test
  void thePricesItHasAlreadyChangeNothing() {
    assertThat(new Repricing(OLD).again(spent(small()))).isEqualTo(new Outcome.Same());
  }

  @Test
  void whatWasUnknownBecomesKnown() {
    CostEvent before = new Costing(new PriceCatalogue(List.of())).spent(ended(), MEAN);
    assertThat(before.getSpentPicoUsd()).isNull();

    assertThat(REPRICING.again(before))
        .isInstanceOfSatisfying(
            Outcome.Changed.class,
            changed -> {
              assertThat(changed.wasUnknown()).isTrue();
              assertThat(changed.event().getSpentPicoUsd()).isEqualTo(Money.parse("0.0033").pico());
            });
  }

  @Test
  void whatIsKnownStaysKnownWhereTheNewPricesSayNothing() {
    CostEvent event = spent(small());

    assertThat(new Repricing(new PriceCatalogue(List.of())).again(event))
        .isEqualTo(new Outcome.Unpriced());
  }

  @Test
  void whatWasAvoidedIsPricedAgainAndWasStillNotSpent() {
    var answer =
        new CachedAnswer(Answers.text("yes", "stop"), "openai", "small", USAGE, NOON, null);
    CostEvent before =
        COSTING.avoided(aRequest().build(), Lane.BATCH, "00", answer, Cause.EXACT, NOON);

    CostEvent after = changed(REPRICING.again(before));

    assertThat(after.getAvoidedPicoUsd()).isEqualTo(3 * before.getAvoidedPicoUsd());
    assertThat(after.getSpentPicoUsd()).isZero();
  }

  @Test
  void aRefusedCallStaysFree() {
    assertThat(REPRICING.again(COSTING.spent(small().failed(Reason.RATE_LIMITED), MEAN)))
        .isEqualTo(new Outcome.Same());
  }

  @Test
  void anAnswerWithoutTokensStaysUnknown() {
    var answer = new CachedAnswer(Answers.text("yes", "stop"), "openai", "small", null, NOON, null);
    CostEvent event =
        COSTING.avoided(aRequest().build(), Lane.BATCH, "00", answer, Cause.EXACT, NOON);

    assertThat(REPRICING.again(event)).isEqualTo(new Outcome.Unpriced());
  }

  @Test
  void theTierIsThatOfTheEvent() {
    CostEvent before = spent(small().inTier(null, "flex"));

    CostEvent after = changed(REPRICING.again(before));

    assertThat(after.getSpentPicoUsd()).isEqualTo(Money.parse("0.00165").pico());
    assertThat(after.getRatesVersion()).isEqualTo("new#flex=1/2");
  }

  @Test
  void whatWasSaidOfTheOldPriceIsSaidNoMore() {
    CostEvent before = spent(small().inTier(null, "flex").noting("inconsistent"));
    assertThat(before.getNotes()).containsExactly("usage_inconsistent", "price_derived");
    var priced =
        new PriceCatalogue(
            List.of(
                price("new", 3, Price.Terms.USUAL),
                price(
                    "flex",
                    1,
                    new Price.Terms("flex", List.of(), Map.of(), null, Multiplier.ONE, false))));

    assertThat(changed(new Repricing(priced).again(before)).getNotes())
        .containsExactly("usage_inconsistent");
  }

  @Test
  void anEndThatIsHeardOfLateOutranksAnEstimateHoweverOftenThatWasPricedAgain() {
    CostEvent guess = COSTING.orphaned(small().build(), MEAN);
    CostEvent known = spent(small());
    for (int prices = 2; prices < 50; prices++) {
      guess = changed(new Repricing(catalogue("v" + prices, prices)).again(guess));
    }

    assertThat(guess.getRevision()).isEqualTo(49).isLessThan(known.getRevision());
    assertThat(guess.getEventId()).isEqualTo(known.getEventId());
  }

  @Test
  void whatAnEarlierReleaseKnewIsOutranked() {
    CostEvent before = CostEvent.newBuilder(spent(small())).setRevision(2).build();

    assertThat(changed(REPRICING.again(before)).getRevision()).isEqualTo(1_000_001);
  }

  private static final OutputMean MEAN = OutputMean.UNKNOWN;

  private static AnAttempt small() {
    return anAttempt("a1").by("openai", "small").startedAt(NOON).billedAs(null, null);
  }

  private static CostEvent spent(AnAttempt attempt) {
    return COSTING.spent(attempt.billedAs(null, USAGE).answered("yes"), MEAN);
  }

  private static AttemptEnded ended() {
    return small().billedAs(null, USAGE).answered("yes");
  }

  private static CostEvent changed(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Changed.class);
    return ((Outcome.Changed) outcome).event();
  }

  private static PriceCatalogue catalogue(String version, long input) {
    return new PriceCatalogue(List.of(price(version, input, Price.Terms.USUAL)));
  }

  /** So much in, and the same out. */
  private static Price price(String version, long usd, Price.Terms terms) {
    var rate = new Money(usd * 1_000_000);
    return new Price(
        "openai",
        "small",
        version,
        Instant.EPOCH,
        null,
        new Rates(rate, null, null, null, rate),
        List.of(),
        terms);
  }
}
