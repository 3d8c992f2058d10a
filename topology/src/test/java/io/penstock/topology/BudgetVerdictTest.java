package io.penstock.topology;

import static io.penstock.topology.Requesting.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.policies.budget.Budget;
import io.penstock.policies.budget.Period;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Status;
import io.penstock.topology.flow.StateStores;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom budgets let through, whom they let wait, and whom they refuse. */
final class BudgetVerdictTest extends BudgetScenario {
  @Test
  void whatABudgetHasNoMoneyForIsRefusedBeforeAnythingIsCalled() {
    given(daily(AT_MOST - 1));

    topology.ask(aRequest("hello").build());

    Failure failure = only(topology.responses()).getFailure();
    assertThat(failure.getCode()).isEqualTo(Reason.BUDGET_EXHAUSTED.code());
    assertThat(failure.getRemainingPicoUsd()).isEqualTo(AT_MOST - 1);
    assertThat(topology.dispatches()).isEmpty();
    assertThat(topology.entries(StateStores.FLIGHTS)).isZero();
    assertThat(topology.questions()).isEmpty();
  }

  @Test
  void whoFindsAllMoneySetAsideWaitsUntilSomeComesFree() {
    given(daily(AT_MOST + COST));
    topology.ask(aRequest("hello").build());
    Dispatch first = only(topology.dispatches());
    topology.ask(aRequest("other").build());
    assertThat(topology.dispatches()).isEmpty();
    topology.ask(aRequest("other").withId("follower").build());

    topology.answer(first, topology.start(first), "hi");
    aWhilePasses();

    Dispatch second = only(topology.dispatches());
    topology.answer(second, topology.start(second), "ho");
    assertThat(topology.responses()).hasSize(3);
    aWhilePasses();
    assertThat(latest().getSpentPicoUsd()).isEqualTo(2 * COST);
  }

  @Test
  void whenWhatRemainsIsTooLittleWhoWaitsIsRefusedAndHearsWhatRemains() {
    given(daily(AT_MOST + COST - 1));
    topology.ask(aRequest("hello").build());
    Dispatch first = only(topology.dispatches());
    topology.ask(aRequest("other").withId("waits").build());

    topology.answer(first, topology.start(first), "hi");
    topology.responses();
    aWhilePasses();

    InferenceResponse refused = only(topology.responses());
    assertThat(refused.getId()).isEqualTo("waits");
    assertThat(refused.getStatus()).isEqualTo(Status.FAILED);
    assertThat(refused.getFailure().getCode()).isEqualTo(Reason.BUDGET_EXHAUSTED.code());
    assertThat(refused.getFailure().getRemainingPicoUsd()).isEqualTo(AT_MOST - 1);
    assertThat(refused.getFailure().getMessage()).contains("until 2026-11-25T00:00:00Z");
    assertThat(topology.dispatches()).isEmpty();

    topology.ask(aRequest("third").build());
    aWhilePasses();
    assertThat(only(topology.responses()).getFailure().getCode())
        .isEqualTo(Reason.BUDGET_EXHAUSTED.code());
  }

  @Test
  void whoWaitsUntilItsDeadlineIsToldThatTheBudgetIsBusy() {
    given(daily(AT_MOST + COST));
    topology.ask(aRequest("hello").build());
    topology.ask(
        aRequest("other")
            .withId("waits")
            .acceptedAt(topology.now())
            .dueBy(topology.now().plusSeconds(1))
            .build());

    topology.pass(Duration.ofSeconds(1));

    InferenceResponse refused = only(topology.responses());
    assertThat(refused.getId()).isEqualTo("waits");
    assertThat(refused.getFailure().getCode()).isEqualTo(Reason.BUDGET_BUSY.code());
    assertThat(refused.getFailure().getRetryable()).isTrue();
    assertThat(refused.getFailure().getRemainingPicoUsd()).isEqualTo(AT_MOST + COST);
  }

  @Test
  void aKeyIsBoundByItsOwnBudgetAndByThatOfItsTenant() {
    given(daily(10_000), daily(AT_MOST).ofKey("small"));
    topology.ask(aRequest("hello").payingWith("small").build());
    Dispatch first = only(topology.dispatches());
    topology.ask(aRequest("other").payingWith("small").withId("waits").build());
    assertThat(topology.dispatches()).isEmpty();
    topology.ask(aRequest("third").payingWith("large").build());
    topology.pass(Duration.ofMillis(100));
    assertThat(topology.dispatches()).hasSize(1);

    topology.answer(first, topology.start(first), "hi");
    topology.responses();
    aWhilePasses();
    assertThat(only(topology.responses()).getFailure().getMessage()).contains("key \"small\"");
  }

  @Test
  void whoFollowsARefusedLeaderWithAnotherKeyLeadsItself() {
    given(daily(AT_MOST).ofKey("small"));
    topology.ask(aRequest("hello").payingWith("small").build());
    Dispatch first = only(topology.dispatches());
    topology.ask(aRequest("other").payingWith("small").withId("poor").build());
    topology.ask(aRequest("other").payingWith("large").withId("rich").build());

    topology.answer(first, topology.start(first), "hi");
    topology.responses();
    aWhilePasses();

    assertThat(only(topology.responses()).getId()).isEqualTo("poor");
    assertThat(only(topology.dispatches()).getId()).isEqualTo("d-rich");
  }

  @Test
  void workersAreToldWhereABudgetMustHold() {
    given(daily(10_000).ofKey("bounded"), Budget.soft("default", Period.DAY, new Money(1)));

    topology.ask(aRequest("hello").payingWith("bounded").build());
    assertThat(only(topology.dispatches()).getBounded()).isTrue();

    topology.ask(aRequest("other").payingWith("free").build());
    assertThat(only(topology.dispatches()).getBounded()).isFalse();
  }

  @Test
  void aModelWithoutAPriceIsRefusedWhereABudgetMustHold() {
    given(daily(1_000));

    topology.ask(aRequest("hello").ofModel("unpriced").build());

    assertThat(only(topology.responses()).getFailure().getCode())
        .isEqualTo(Reason.PRICE_UNKNOWN.code());
    assertThat(topology.dispatches()).isEmpty();
  }

  @Test
  void aModelWithoutAPriceIsCalledWhereTheBudgetAllowsIt() {
    given(new Budget("default", null, Period.DAY, new Money(1_000), true, true));

    topology.ask(aRequest("hello").ofModel("unpriced").build());

    assertThat(topology.dispatches()).hasSize(1);
  }

  @Test
  void aLostCallIsRepeatedOnlyWithMoneyThatIsThere() {
    given(daily(AT_MOST + 300));
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = only(topology.dispatches());
    topology.start(dispatch);

    topology.pass(TestingTopology.LEASE);
    aWhilePasses();

    assertThat(topology.dispatches()).isEmpty();
    InferenceResponse response = only(topology.responses());
    assertThat(response.getFailure().getCode()).isEqualTo(Reason.BUDGET_EXHAUSTED.code());
  }

  @Test
  void whoLeavesWhileItWaitsForMoneyIsToldAtOnce() {
    given(daily(AT_MOST + COST));
    topology.ask(aRequest("hello").build());
    var waits = aRequest("other").withId("waits").build();
    topology.ask(waits);

    topology.withdraw(waits);

    assertThat(only(topology.responses()).getFailure().getCode())
        .isEqualTo(Reason.WITHDRAWN.code());
    assertThat(topology.cancellations()).isEmpty();
  }

  /** Before the restarted task has seen to what it took over, and after. */
  @ParameterizedTest
  @ValueSource(longs = {0, 100})
  void whoLeavesAfterARestartWhileItWaitsForMoneyIsToldAtOnce(long millis) {
    given(daily(AT_MOST + 300));
    topology.ask(aRequest("hello").withId("runs").build());
    var waits = aRequest("other").withId("waits").build();
    topology.ask(waits);
    topology.ask(aRequest("third").withId("behind").answeredInAtMost(1).build());
    assertThat(topology.dispatches()).extracting(Dispatch::getId).containsExactly("d-runs");
    topology.restart();
    topology.pass(Duration.ofMillis(millis));
    assertThat(topology.dispatches()).extracting(Dispatch::getId).doesNotContain("d-behind");

    topology.withdraw(waits);

    InferenceResponse told = only(topology.responses());
    assertThat(told.getId()).isEqualTo("waits");
    assertThat(told.getFailure().getCode()).isEqualTo(Reason.WITHDRAWN.code());
    assertThat(topology.cancellations()).isEmpty();
    aWhilePasses();
    assertThat(topology.dispatches())
        .as("it stands in nobody's way")
        .extracting(Dispatch::getId)
        .contains("d-behind");
  }

  @Test
  void aWorkerThatCallsForWhatIsHeldBackHearsThatNobodyWaitsAnyMore() {
    given(daily(2 * AT_MOST));
    var leaves = aRequest("hello").withId("leaves").answeredInAtMost(100).build();
    topology.ask(leaves);
    Dispatch lost = only(topology.dispatches());
    topology.start(lost);
    topology.ask(aRequest("other").build());
    topology.pass(Duration.ofMillis(300));
    only(topology.dispatches());
    // 400 were lost, as many as it is guessed to have cost: 482 remain, and 441 are set aside.
    topology.pass(TestingTopology.LEASE);
    topology.pass(Duration.ofMillis(100));
    assertThat(topology.dispatches()).as("of another attempt").isEmpty();
    topology.start(lost);

    topology.withdraw(leaves);

    assertThat(only(topology.cancellations()).getDispatchId()).isEqualTo(lost.getId());
  }

  @Test
  void aStartFreesNoMoneyAndMakesNobodyBeLookedAt() {
    given(daily(AT_MOST + COST));
    topology.ask(aRequest("hello").build());
    Dispatch first = only(topology.dispatches());
    topology.ask(
        aRequest("other").acceptedAt(topology.now()).dueBy(topology.now().plusMillis(50)).build());

    topology.pass(Duration.ofMillis(50));
    topology.start(first);
    assertThat(topology.responses()).isEmpty();

    topology.pass(Duration.ofMillis(50));
    assertThat(topology.responses()).as("when the clock is looked at").hasSize(1);
  }

  @Test
  void aNewDayHasNewMoney() {
    given(daily(AT_MOST));
    topology.ask(aRequest("hello").build());
    Dispatch first = only(topology.dispatches());
    topology.answer(first, topology.start(first), "hi");
    aWhilePasses();
    topology.responses();
    topology.ask(aRequest("other").build());
    aWhilePasses();
    assertThat(only(topology.responses()).getFailure().getCode())
        .isEqualTo(Reason.BUDGET_EXHAUSTED.code());

    topology.pass(Duration.ofHours(12));
    topology.ask(aRequest("other").build());

    assertThat(topology.dispatches()).hasSize(1);
  }
}
