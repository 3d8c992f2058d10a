package io.penstock.policies.budget;

import static io.penstock.policies.ARequest.aRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.policies.ARequest;
import io.penstock.policies.Reason;
import io.penstock.policies.cost.Price;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.policies.cost.Rates;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Account;
import io.penstock.schemas.avro.BudgetGrant;
import io.penstock.schemas.avro.BudgetQuestion;
import io.penstock.schemas.avro.BudgetState;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.Reservation;
import io.penstock.schemas.avro.Slice;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tables of budgets: periods, owners, bounds, accounts and refusals. */
class BudgetsTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final Budget DAILY = Budget.hard("acme", Period.DAY, new Money(100));
  private static final Budgets ONE = new Budgets(List.of(DAILY), 1_000);
  private static final String POT = DAILY.potAt(NOON).id();

  @ParameterizedTest
  @CsvSource(
      nullValues = "never",
      value = {
        "TOTAL, 2026-11-24T12:00:00Z, ever, never",
        "DAY, 2026-11-24T00:00:00Z, 2026-11-24, 2026-11-25T00:00:00Z",
        "DAY, 2026-11-24T23:59:59.999Z, 2026-11-24, 2026-11-25T00:00:00Z",
        "MONTH, 2026-12-31T23:59:59.999Z, 2026-12, 2027-01-01T00:00:00Z",
        "MONTH, 2027-01-01T00:00:00Z, 2027-01, 2027-02-01T00:00:00Z"
      })
  void aPeriodIsThatOfUtc(Period period, Instant at, String name, @Nullable Instant endsAt) {
    Period.Window window = period.at(at);
    assertThat(window.name()).isEqualTo(name);
    assertThat(window.endsAt()).isEqualTo(endsAt);
    Instant beginsAt = window.beginsAt();
    if (endsAt == null || beginsAt == null) {
      assertThat(beginsAt).isNull();
    } else {
      assertThat(period.at(beginsAt)).isEqualTo(window);
      assertThat(period.at(beginsAt.minusMillis(1)).endsAt()).isEqualTo(beginsAt);
    }
  }

  @Test
  void aCallCountsAgainstItsTenantAndItsKeyAndNobodyElse() {
    Budget ofKey = DAILY.ofKey("k1");
    Budget soft = Budget.soft("acme", Period.DAY, new Money(50));
    var budgets =
        new Budgets(
            List.of(DAILY, ofKey, soft, Budget.hard("other", Period.DAY, Money.ZERO)), 1_000);

    assertThat(budgets.potsOf("acme", "k1", NOON))
        .extracting(Pot::budget)
        .containsExactly(DAILY, ofKey, soft);
    assertThat(budgets.potsOf("acme", "k2", NOON)).extracting(Pot::budget).doesNotContain(ofKey);
    assertThat(budgets.potsOf("acme", null, NOON)).extracting(Pot::budget).doesNotContain(ofKey);
    assertThat(budgets.potsOf("nobody", "k1", NOON)).isEmpty();
    assertThat(budgets.ofPot(ofKey.potAt(NOON).id())).contains(ofKey);
    assertThat(budgets.ofPot(soft.potAt(NOON).id())).contains(soft);
  }

  @Test
  void namesThatLookAlikeAreToldApart() {
    assertThat(Budget.hard("a/-", Period.DAY, Money.ZERO).id())
        .isNotEqualTo(Budget.hard("a", Period.DAY, Money.ZERO).ofKey("-").id());
    assertThat(DAILY.id()).isNotEqualTo(Budget.soft("acme", Period.DAY, new Money(100)).id());
  }

  @Test
  void twoLimitsOfOneBudgetAreRefused() {
    var again = Budget.hard("acme", Period.DAY, new Money(7));

    assertThatThrownBy(() -> new Budgets(List.of(DAILY, again), 1_000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("acme")
        .hasMessageContaining("day");
    assertThatThrownBy(() -> Budget.hard("acme", Period.DAY, new Money(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Budget.hard(" ", Period.DAY, new Money(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // "What is a penstock?" has 19 bytes: at most 19 tokens, and 136 that a template puts around
  // them.
  @ParameterizedTest
  @CsvSource({
    "plain, 10, 1, false, 155 * 1 + 10 * 3",
    "plain, , 1, false, 155 * 1 + 1000 * 3",
    "plain, 10, 4, false, 155 * 1 + 40 * 3",
    "written, 10, 1, false, 155 * 2 + 10 * 3",
    "plain, 10, 1, true, 155 * 5 + 10 * 7"
  })
  void theCeilingIsTheDearestModelAtItsDearestInputWithAllTheOutputAllowed(
      String model, @Nullable Integer maxTokens, int choices, boolean fallback, String sum) {
    ARequest request =
        aRequest()
            .answeredInAtMost(maxTokens)
            .with(Options.newBuilder().setChoices(choices).build());
    List<Candidate> plan =
        fallback
            ? List.of(new Candidate("p", model), new Candidate("p", "dear"))
            : List.of(new Candidate("p", model));

    assertThat(ceiling().of(request.build(), plan, NOON)).contains(new Money(worth(sum)));
  }

  private static long worth(String sum) {
    long worth = 0;
    for (String product : sum.split(" \\+ ", -1)) {
      String[] factors = product.split(" \\* ", -1);
      worth += Long.parseLong(factors[0]) * Long.parseLong(factors[1]);
    }
    return worth;
  }

  @Test
  void theCeilingOfAPlanWithAnUnknownPriceIsUnknown() {
    var plan = List.of(new Candidate("p", "plain"), new Candidate("p", "unheard-of"));

    assertThat(ceiling().of(aRequest().build(), plan, NOON)).isEmpty();
  }

  @Test
  void embeddingsAnswerNothing() {
    var request = aRequest().embedding("\"a\"").build();

    assertThat(ceiling().of(request, List.of(new Candidate("p", "plain")), NOON))
        .hasValueSatisfying(most -> assertThat(most.pico()).isLessThan(100));
  }

  private static Ceiling ceiling() {
    return new Ceiling(
        new PriceCatalogue(
            List.of(
                price("plain", new Rates(new Money(1), null, null, null, new Money(3))),
                price("written", new Rates(new Money(1), null, new Money(2), null, new Money(3))),
                price("dear", new Rates(new Money(5), null, null, null, new Money(7))))),
        1_000);
  }

  private static Price price(String model, Rates rates) {
    return new Price("p", model, "v1", Instant.EPOCH, null, rates, List.of());
  }

  @Test
  void theKeeperGivesWhatIsWantedAndSomeOnTopAndNeverMoreThanThereIs() {
    var first = ask(account(), question(0, 1, 20, 20, 0, 0));
    assertThat(granted(first)).isEqualTo(20 + 80 / 16);
    var second = ask(first.next(), question(1, 1, 70, 10, 0, 0));
    assertThat(granted(second)).isEqualTo(70);
    var third = ask(second.next(), question(2, 1, 10, 5, 0, 0));
    assertThat(granted(third)).as("the last").isEqualTo(5);
    var fourth = ask(third.next(), question(3, 1, 10, 1, 0, 0));
    assertThat(granted(fourth)).isZero();
    assertThat(Accounts.held(fourth.next())).isEqualTo(100);
  }

  @Test
  void lessThanIsOfUseIsNotGiven() {
    var first = ask(account(), question(0, 1, 95, 95, 0, 0));

    assertThat(granted(ask(first.next(), question(1, 1, 20, 6, 0, 0)))).isZero();
    assertThat(granted(ask(first.next(), question(1, 1, 20, 5, 0, 0)))).isEqualTo(5);
  }

  @Test
  void whatIsGivenBackAndNotSpentIsThereForOthers() {
    var first = ask(account(), question(0, 1, 95, 95, 0, 0));
    var back = ask(first.next(), question(0, 2, 0, 0, 60, 30));

    assertThat(granted(back)).as("nothing more, and all that was ever given").isEqualTo(95);
    assertThat(Accounts.held(back.next())).isEqualTo(35);
    assertThat(granted(ask(back.next(), question(1, 1, 65, 65, 0, 0)))).isEqualTo(65);
  }

  @Test
  void whoSpentMoreThanItWasGivenHoldsThat() {
    var first = ask(account(), question(0, 1, 20, 20, 0, 0));
    var over = ask(first.next(), question(0, 2, 0, 0, 5, 90));

    assertThat(Accounts.held(over.next())).isEqualTo(90);
    assertThat(granted(ask(over.next(), question(1, 1, 20, 11, 0, 0)))).isZero();
  }

  @Test
  void whoSpentMoreThanItWasGivenIsGivenAllThatIsLeft() {
    var first = ask(account(), question(0, 1, 20, 20, 0, 0));
    // It lacks the 70 that it spent beyond what it has, and wants 10 for a call.
    var over = ask(first.next(), question(0, 2, 80, 80, 5, 90));

    assertThat(granted(over) - granted(first)).isEqualTo(80);
    assertThat(Accounts.held(over.next())).isEqualTo(100);
    assertThat(granted(ask(over.next(), question(1, 1, 1, 1, 0, 0)))).isZero();
  }

  @Test
  void aQuestionThatComesAgainGetsTheSameAnswerAndALateOneNone() {
    var first = ask(account(), question(0, 5, 20, 20, 0, 0));
    var again = ask(first.next(), question(0, 5, 20, 20, 0, 0));

    assertThat(again.next()).isEqualTo(first.next());
    assertThat(again.grant()).isEqualTo(first.grant());
    assertThat(again.state()).isNull();
    var late = ask(first.next(), question(0, 4, 20, 20, 0, 0));
    assertThat(late.next()).isEqualTo(first.next());
    assertThat(late.grant()).isNull();
  }

  @Test
  void thatALimitIsPassedIsToldOnce() {
    var below = ask(account(), question(0, 1, 0, 0, 0, 100));
    var above = ask(below.next(), question(0, 2, 0, 0, 0, 101));
    var more = ask(above.next(), question(0, 3, 0, 0, 0, 150));

    assertThat(List.of(below.exceeded(), above.exceeded(), more.exceeded()))
        .containsExactly(false, true, false);
    assertThat(Objects.requireNonNull(more.state()).getSpentPicoUsd()).isEqualTo(150);
  }

  @Test
  void aStateIsToldOnlyWhileItsPeriodLasts() {
    Instant endsAt = NOON.plusSeconds(1);
    var state = new BudgetState("acme", null, "day", true, endsAt, 100L, 0L, 0L, NOON);

    assertThat(Accounts.lasts(state, endsAt.minusMillis(1))).isTrue();
    assertThat(Accounts.lasts(state, endsAt)).isFalse();
    var ever = new BudgetState("acme", null, "total", true, null, 100L, 0L, 0L, NOON);
    assertThat(Accounts.lasts(ever, endsAt)).isTrue();
  }

  @Test
  void whereThereIsNoBudgetNothingIsGiven() {
    var answer = Accounts.answer(account(), question(0, 1, 20, 20, 0, 0), Optional.empty(), NOON);

    assertThat(granted(answer)).isZero();
    assertThat(answer.state()).isNull();
  }

  private static Account account() {
    return Accounts.opened(question(0, 0, 0, 0, 0, 0));
  }

  private static Accounts.Answer ask(Account account, BudgetQuestion question) {
    return Accounts.answer(account, question, Optional.of(DAILY), NOON);
  }

  private static long granted(Accounts.Answer answer) {
    return Objects.requireNonNull(answer.grant()).getGrantedPicoUsd();
  }

  private static BudgetQuestion question(
      int task, long sequence, long wanted, long least, long returned, long spent) {
    return new BudgetQuestion(
        POT, "acme", null, "day", true, null, task, sequence, returned, spent, wanted, least, NOON);
  }

  @Test
  void whoWantsMoreThanThereWillEverBeHearsWhatRemainsAndUntilWhen() {
    Failure failure = Verdict.atOnce(new Money(101), List.of(purse(0, 0)), ONE, NOON).orElseThrow();

    assertThat(failure.getCode()).isEqualTo(Reason.BUDGET_EXHAUSTED.code());
    assertThat(failure.getRemainingPicoUsd()).isEqualTo(100);
    assertThat(failure.getRetryAfterMs()).isEqualTo(Duration.ofHours(12).toMillis());
    assertThat(failure.getMessage())
        .contains("tenant \"acme\"")
        .contains("$0.0000000001 a day")
        .contains("until 2026-11-25T00:00:00Z")
        .contains("max_tokens");
  }

  @Test
  void aPriceThatNobodyKnowsIsRefusedWhereABudgetMustHold() {
    Failure failure = Verdict.atOnce(null, List.of(purse(0, 0)), ONE, NOON).orElseThrow();

    assertThat(failure.getCode()).isEqualTo(Reason.PRICE_UNKNOWN.code());
    assertThat(failure.getMessage()).contains("price file");
    var lenient = new Budget("acme", null, Period.DAY, new Money(100), true, true);
    var budgets = new Budgets(List.of(lenient), 1_000);
    assertThat(Verdict.atOnce(null, List.of(purse(0, 0)), budgets, NOON)).isEmpty();
  }

  @Test
  void whoWaitsGoesWhenThereIsEnoughAndIsRefusedWhenItIsClearThatThereWillNotBe() {
    Reservation waiting = waiting(30);

    assertThat(verdict(waiting, purse(40, 10))).isEqualTo(new Verdict.Go());
    assertThat(verdict(waiting, purse(40, 11))).isEqualTo(new Verdict.Wait());
    assertThat(verdict(waiting, told(purse(0, 0), 70, NOON))).isEqualTo(new Verdict.Wait());
    assertThat(verdict(waiting, told(purse(0, 0), 71, NOON)))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> assertThat(refused.failure().getRemainingPicoUsd()).isEqualTo(29));
    assertThat(verdict(waiting, told(purse(0, 0), 71, NOON.minusSeconds(1))))
        .as("news from before it came")
        .isEqualTo(new Verdict.Wait());
  }

  @Test
  void whoWaitsUntilItsDeadlineIsTurnedAway() {
    Reservation waiting = waiting(30);
    Instant deadlineAt = waiting.getDeadlineAt();

    Verdict verdict = Verdict.of(waiting, List.of(purse(100, 0)), ONE, deadlineAt);

    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused ->
                assertThat(refused.failure().getCode()).isEqualTo(Reason.BUDGET_BUSY.code()));
  }

  private static Verdict verdict(Reservation waiting, Purse purse) {
    return Verdict.of(waiting, List.of(purse), ONE, NOON);
  }

  private static Reservation waiting(long amount) {
    return Reservations.waiting(
        List.of(DAILY.potAt(NOON)), new Money(amount), NOON.plusSeconds(30), NOON);
  }

  private static Purse purse(long granted, long reserved) {
    var slice = Slice.newBuilder(DAILY.potAt(NOON).unopened()).setGrantedPicoUsd(granted).build();
    return new Purse(slice, 0, reserved);
  }

  private static Purse told(Purse purse, long spentByAll, Instant askedAt) {
    BudgetQuestion question =
        BudgetQuestion.newBuilder(question(0, 1, 30, 30, 0, 0)).setAskedAt(askedAt).build();
    var slice =
        Slice.newBuilder(purse.slice())
            .setQuestion(question)
            .setAnswer(new BudgetGrant(POT, 0, 1L, 0L, 100L, spentByAll, NOON))
            .build();
    return new Purse(slice, 0, 0);
  }
}
