package io.penstock.policies.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.policies.budget.Treasury.Ripe;
import io.penstock.policies.budget.Treasury.Spender;
import io.penstock.policies.budget.Treasury.Spent;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Account;
import io.penstock.schemas.avro.BudgetGrant;
import io.penstock.schemas.avro.BudgetQuestion;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who is served when many wait. */
class LinesTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final int MOST = 4;
  private static final Budget ACME = Budget.hard("acme", Period.DAY, new Money(100));
  private static final Budget OTHER = Budget.hard("other", Period.DAY, new Money(100));

  private final MapShelf shelf = new MapShelf();
  private final Map<String, Account> accounts = new HashMap<>();
  private Budgets budgets = Budgets.NONE;
  private Treasury treasury = new Treasury(budgets, shelf, 0);
  private Instant now = NOON;

  private void given(Budget... all) {
    budgets = new Budgets(List.of(all), 1_000);
    treasury = new Treasury(budgets, shelf, 0);
  }

  private boolean asks(String id, String tenant, @Nullable String key, long amount) {
    return asks(id, tenant, key, amount, PATIENCE);
  }

  private boolean asks(
      String id, String tenant, @Nullable String key, long amount, Duration patience) {
    now = now.plusMillis(1);
    return treasury.handsOut(
        new Spender("f/" + id, tenant, key), new Money(amount), now.plus(patience), now);
  }

  private boolean goesNow(String id, String tenant, long amount) {
    boolean goes = asks(id, tenant, null, amount);
    if (!goes) {
      talk();
      goes = asks(id, tenant, null, amount);
    }
    return goes;
  }

  private void costs(String id, String tenant, long cost) {
    var spent = new Spent(new Spender("f/" + id, tenant, null), id, new Money(cost), false, now);
    treasury.settle(List.of(spent), List.of("f/" + id), now);
  }

  /** Questions go to who keeps the accounts, and answers come back. */
  private void talk() {
    now = now.plus(Purse.ASK_AGAIN);
    for (BudgetQuestion question : treasury.questions(MOST, now)) {
      String pot = question.getPot();
      var answer =
          Accounts.answer(
              accounts.getOrDefault(pot, Accounts.opened(question)),
              question,
              budgets.ofPot(pot),
              now);
      accounts.put(pot, answer.next());
      BudgetGrant grant = answer.grant();
      if (grant != null) {
        treasury.granted(grant);
      }
    }
  }

  private List<String> going() {
    return treasury.ripe(MOST, now).stream()
        .filter(ripe -> ripe.verdict() instanceof Verdict.Go)
        .map(Ripe::place)
        .toList();
  }

  private List<String> refusedWith(Reason reason) {
    return treasury.ripe(MOST, now).stream()
        .filter(ripe ->
            ripe.verdict() instanceof Verdict.Refused(var failure)
                && failure.getCode().equals(reason.code()))
        .map(Ripe::place)
        .toList();
  }

  @Test
  void howeverManyWaitForOneBudgetWhoeverWantsAnotherIsServed() {
    given(ACME, OTHER);
    assertThat(goesNow("first", "acme", 100)).isTrue();
    for (int i = 0; i < 10 * MOST; i++) {
      asks("a" + i, "acme", null, 50);
    }
    asks("b", "other", null, 50);

    talk();

    assertThat(going()).containsExactly("f/b");
  }

  @Test
  void howeverManyOfOneKeyWaitWhoeverPaysWithAnotherIsServed() {
    Budget large = Budget.hard("acme", Period.DAY, new Money(10_000));
    given(large, ACME.ofKey("small"));
    for (int i = 0; i < 10 * MOST; i++) {
      asks("a" + i, "acme", "small", 90);
    }
    asks("b", "acme", "large", 50);

    talk();
    talk();

    assertThat(going()).contains("f/b");
  }

  @Test
  void howeverManyCameBeforeWhoseDeadlineHasComeIsTurnedAway() {
    given(ACME);
    assertThat(goesNow("first", "acme", 100)).isTrue();
    for (int i = 0; i < 10 * MOST; i++) {
      asks("a" + i, "acme", null, 50);
    }
    asks("b", "acme", null, 50, Duration.ofSeconds(1));

    now = now.plusMillis(999);
    assertThat(refusedWith(Reason.BUDGET_BUSY)).isEmpty();
    now = now.plusMillis(1);
    assertThat(refusedWith(Reason.BUDGET_BUSY)).containsExactly("f/b");
  }

  @Test
  void whoeverWantsMuchIsNotOvertakenByThoseWhoWantLittle() {
    given(ACME);
    assertThat(goesNow("one", "acme", 60)).isTrue();
    assertThat(goesNow("two", "acme", 40)).isTrue();
    asks("much", "acme", null, 80);
    asks("little", "acme", null, 30);

    costs("two", "acme", 0);
    talk();
    assertThat(going()).as("40 came free").isEmpty();
    talk();
    assertThat(going()).as("and were asked for once more").isEmpty();

    costs("one", "acme", 0);
    talk();
    assertThat(going()).as("all came free").containsExactly("f/much");
  }

  @Test
  void lessThanTheFirstInLineWantsIsNotAskedFor() {
    given(ACME);
    asks("much", "acme", null, 80);
    asks("little", "acme", null, 30);

    assertThat(treasury.questions(MOST, now))
        .singleElement()
        .satisfies(question -> {
          assertThat(question.getWantedPicoUsd()).isEqualTo(110);
          assertThat(question.getLeastPicoUsd()).isEqualTo(80);
        });
  }

  @Test
  void whatSomebodyHasAClaimToDoesNotLieIdle() {
    Budget ofKey = ACME.ofKey("small");
    given(ACME, ofKey);
    assertThat(goesNow("first", "acme", 90)).isTrue();
    asks("waits", "acme", "small", 50);
    talk();
    talk();
    long granted = held(ofKey);
    assertThat(granted).isGreaterThan(50);

    now = now.plus(Purse.REPORT_EVERY);
    talk();

    assertThat(held(ofKey)).as("what is beyond that goes back").isEqualTo(50);
  }

  private long held(Budget budget) {
    return Accounts.held(Objects.requireNonNull(accounts.get(budget.potAt(NOON).id())));
  }

  @Test
  void whoeverWaitsForItsKeysMoneyKeepsNobodyFromItsTenants() {
    given(ACME, Budget.hard("acme", Period.DAY, new Money(50)).ofKey("small"));
    assertThat(asks("first", "acme", "small", 50)).isFalse();
    talk();
    talk();
    assertThat(going()).containsExactly("f/first");
    assertThat(asks("first", "acme", "small", 50)).isTrue();
    asks("waits", "acme", "small", 50);
    asks("goes", "acme", "large", 50);

    talk();

    assertThat(going()).containsExactly("f/goes");
  }

  @Test
  void whatCostsNothingGoesAlthoughOtherCallsCostMoreThanTheirSliceHad() {
    given(ACME);
    assertThat(goesNow("dear", "acme", 10)).isTrue();
    costs("dear", "acme", 60);
    assertThat(asks("free", "acme", null, 0)).isFalse();

    talk();

    assertThat(going()).containsExactly("f/free");
  }

  @Test
  void whatCostsNothingDoesNotWaitBehindWhatCosts() {
    given(ACME);
    assertThat(goesNow("one", "acme", 60)).isTrue();
    asks("much", "acme", null, 80);

    assertThat(asks("free", "acme", null, 0)).isTrue();
  }

  @Test
  void nothingGoesWhereMoreIsSpentThanThereIs() {
    given(ACME);
    assertThat(goesNow("dear", "acme", 10)).isTrue();
    costs("dear", "acme", 101);
    assertThat(asks("free", "acme", null, 0)).isFalse();

    talk();

    assertThat(refusedWith(Reason.BUDGET_EXHAUSTED)).containsExactly("f/free");
  }

  @Test
  void nobodyIsLookedAtBehindTheFirstWhoHasToWait() {
    given(ACME);
    assertThat(goesNow("one", "acme", 60)).isTrue();
    for (int i = 0; i < 100; i++) {
      asks("a" + i, "acme", null, 50);
    }
    shelf.reads = 0;

    assertThat(treasury.ripe(100, now)).isEmpty();

    assertThat(shelf.reads).as("of reservations and slices").isLessThan(5);
  }

  @Test
  void whoeverWaitsIsFoundAgainAfterACrash() {
    given(ACME);
    asks("a", "acme", null, 50);
    asks("b", "acme", null, 80, Duration.ofSeconds(10));
    shelf.crash();
    treasury = new Treasury(budgets, shelf, 0);
    assertThat(treasury.holdsBack()).isFalse();

    treasury.restored(now);

    assertThat(treasury.holdsBack()).isTrue();
    talk();
    assertThat(going()).containsExactly("f/a");
    assertThat(asks("a", "acme", null, 50)).isTrue();
    now = now.plusSeconds(10);
    assertThat(refusedWith(Reason.BUDGET_BUSY)).containsExactly("f/b");
    treasury.settle(List.of(), List.of("f/b"), now);
    assertThat(treasury.holdsBack()).isFalse();
  }
}
