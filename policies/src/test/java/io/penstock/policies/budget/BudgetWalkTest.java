package io.penstock.policies.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.Money;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Budgets over random histories. A failure names the seed and prints the history that broke the
 * law.
 */
class BudgetWalkTest {
  // Longer ones: -Dbudget.walks=3000
  private static final int WALKS = Integer.getInteger("budget.walks", 40);

  // As many steps as the last walk of the suite has; more make nothing happen that did not before.
  private static final int MOST_STEPS = 170;

  private static final Budget OF_TENANT =
      Budget.hard(BudgetWorld.TENANT, Period.TOTAL, new Money(200));
  private static final Budget OF_KEY =
      Budget.hard(BudgetWorld.TENANT, Period.MONTH, new Money(60)).ofKey("k1");
  private static final Budget SOFT = Budget.soft(BudgetWorld.TENANT, Period.MONTH, new Money(50));

  @Test
  void noMoreIsSpentThanThereIsWhoeverAsks() {
    walk(List.of(OF_TENANT), 3, false, false, 0);
  }

  @Test
  void noMoreIsSpentThanThereIsWhateverCrashes() {
    walk(List.of(OF_TENANT), 3, false, false, 60);
  }

  @Test
  void severalBudgetsHoldAtOnceWhateverCrashes() {
    walk(List.of(OF_TENANT, OF_KEY, SOFT), 3, false, false, 60);
  }

  @Test
  void attemptsThatAreRepeatedArePaidFromWhatIsThere() {
    walk(List.of(OF_TENANT, OF_KEY), 2, true, false, 40);
  }

  @Test
  void whatWasGuessedIsPutRight() {
    walk(List.of(OF_TENANT, OF_KEY, SOFT), 2, true, true, 40);
  }

  private static void walk(
      List<Budget> budgets, int tasks, boolean retries, boolean orphans, int crashPercent) {
    int asked = 0;
    int handedOut = 0;
    for (int seed = 0; seed < WALKS; seed++) {
      var walk =
          new BudgetWalk(
              seed,
              new Budgets(budgets, Budgets.ASSUMED_OUTPUT),
              tasks,
              retries,
              orphans,
              crashPercent);
      try {
        walk.go(20 + seed * 5 % MOST_STEPS);
        walk.settled();
        asked += walk.asked();
        handedOut += walk.handedOut();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "seed " + seed + ": " + e.getMessage() + "\n" + String.join("\n", walk.log()), e);
      }
    }
    assertThat(handedOut).as("calls of " + asked + " requests").isGreaterThan(asked / 3);
  }
}
