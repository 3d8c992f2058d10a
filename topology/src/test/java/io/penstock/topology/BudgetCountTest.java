package io.penstock.topology;

import static io.penstock.topology.Requesting.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.budget.Budget;
import io.penstock.policies.budget.Period;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.BudgetState;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.Status;
import io.penstock.topology.flow.StateStores;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is counted against budgets, and when. */
final class BudgetCountTest extends BudgetScenario {
  @Test
  void whatABudgetHasMoneyForIsHandedOutAndSettledAtWhatItCost() {
    given(daily(1_000));
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = only(topology.dispatches());
    assertThat(latest().getReservedPicoUsd()).isGreaterThanOrEqualTo(AT_MOST);

    topology.answer(dispatch, topology.start(dispatch), "hi");
    aWhilePasses();

    assertThat(only(topology.responses()).getStatus()).isEqualTo(Status.ANSWERED);
    BudgetState state = latest();
    assertThat(state.getSpentPicoUsd()).isEqualTo(COST);
    assertThat(state.getReservedPicoUsd()).as("idle money goes back").isZero();
    assertThat(state.getLimitPicoUsd()).isEqualTo(1_000);
  }

  @Test
  void aSoftBudgetRefusesNobodyAndTellsWhatWasSpent() {
    given(Budget.soft("default", Period.MONTH, new Money(COST)));
    for (String question : List.of("hello", "other", "third")) {
      topology.ask(aRequest(question).build());
      Dispatch dispatch = only(topology.dispatches());
      topology.answer(dispatch, topology.start(dispatch), "hi");
    }
    aWhilePasses();

    BudgetState state = latest();
    assertThat(state.getSpentPicoUsd()).isEqualTo(3 * COST);
    assertThat(state.getHard()).isFalse();
    topology.pass(Duration.ofSeconds(10));
    aWhilePasses();
    assertThat(topology.entries(StateStores.RESERVATIONS)).as("all are counted").isZero();
    topology.ask(aRequest("fourth").build());
    assertThat(topology.dispatches()).hasSize(1);
  }

  @Test
  void whatIsSharedOrCachedTakesNothingFromABudget() {
    given(daily(AT_MOST));
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = only(topology.dispatches());
    topology.ask(aRequest("hello").build());
    topology.answer(dispatch, topology.start(dispatch), "hi");
    topology.ask(aRequest("hello").build());
    assertThat(topology.responses()).hasSize(3);
    aWhilePasses();
    topology.pass(Duration.ofSeconds(10));
    aWhilePasses();
    topology.changelog(StateStores.SLICES);
    topology.changelog(StateStores.RESERVATIONS);

    topology.ask(aRequest("hello").build());

    assertThat(topology.responses()).hasSize(1);
    assertThat(topology.changelog(StateStores.SLICES)).isEmpty();
    assertThat(topology.changelog(StateStores.RESERVATIONS)).isEmpty();
    assertThat(latest().getSpentPicoUsd()).isEqualTo(COST);
  }

  @Test
  void aSecondLookAtAnEndCountsNothingTwice() {
    given(daily(1_000));
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = only(topology.dispatches());
    AttemptEnded ended = topology.answer(dispatch, topology.start(dispatch), "hi");

    topology.report(dispatch.getFingerprint(), ended);
    aWhilePasses();
    topology.report(dispatch.getFingerprint(), ended);
    topology.pass(Duration.ofSeconds(20));
    aWhilePasses();

    assertThat(latest().getSpentPicoUsd()).isEqualTo(COST);
    assertThat(topology.entries(StateStores.RESERVATIONS)).isZero();
  }

  @Test
  void theEstimateOfALostCallIsReplacedByWhatItCost() {
    given(daily(10_000));
    topology.ask(aRequest("hello").answeredInAtMost(100).build());
    Dispatch dispatch = only(topology.dispatches());
    Attempt attempt = topology.start(dispatch);
    topology.pass(TestingTopology.LEASE);
    aWhilePasses();
    // 100 input tokens and 100 of output, as the attempt estimates itself.
    assertThat(latest().getSpentPicoUsd()).isEqualTo(400);
    Dispatch again = only(topology.dispatches());
    assertThat(again.getFirstAttempt()).isEqualTo(2);

    topology.answer(dispatch, attempt, "hi, late");
    aWhilePasses();

    assertThat(latest().getSpentPicoUsd()).isEqualTo(COST);
  }

  @Test
  void whatComesLateForYesterdayIsNotToldAsTodays() {
    given(daily(10_000));
    topology.ask(aRequest("hello").build());
    Dispatch yesterdays = only(topology.dispatches());
    Attempt attempt = topology.start(yesterdays);
    topology.pass(Duration.ofHours(12));
    topology.ask(aRequest("other").build());
    aWhilePasses();
    assertThat(latest().getEndsAt()).isEqualTo("2026-11-26T00:00:00Z");

    topology.answer(yesterdays, attempt, "hi");
    aWhilePasses();

    assertThat(topology.budgets())
        .extracting(BudgetState::getEndsAt)
        .doesNotContain(Instant.parse("2026-11-25T00:00:00Z"));
  }

  @Test
  void whileMoneyLastsARequestAsksForNone() {
    given(daily(1_000_000));
    topology.ask(aRequest("hello").build());
    assertThat(topology.dispatches()).hasSize(1);
    assertThat(topology.questions()).hasSize(1);

    for (int i = 0; i < 20; i++) {
      topology.ask(aRequest("question " + i).build());
    }

    assertThat(topology.dispatches()).hasSize(20);
    assertThat(topology.questions()).isEmpty();
  }
}
