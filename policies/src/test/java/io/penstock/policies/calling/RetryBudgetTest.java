package io.penstock.policies.calling;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  private static final RetryBudget EMPTY = new RetryBudget(0);

  @Test
  void tenSuccessesPayForOneRetry() {
    RetryBudget budget = EMPTY;
    for (int i = 0; i < 9; i++) {
      budget = budget.afterSuccess();
      assertThat(budget.allows()).isFalse();
    }
    budget = budget.afterSuccess();
    assertThat(budget.allows()).isTrue();
    assertThat(budget.afterRetry()).isEqualTo(EMPTY);
  }

  @Test
  void inTheLongRunRetriesAreATenthOfSuccesses() {
    RetryBudget budget = EMPTY;
    int retries = 0;
    for (int i = 0; i < 10_000; i++) {
      budget = budget.afterSuccess();
      if (budget.allows()) {
        budget = budget.afterRetry();
        retries++;
      }
    }
    assertThat(retries).isEqualTo(1_000);
  }

  @Test
  void theStockIsBounded() {
    assertThat(RetryBudget.FULL.afterSuccess()).isEqualTo(RetryBudget.FULL);
  }

  @Test
  void theStockIsWhatAFailingProviderGetsAtMost() {
    RetryBudget budget = RetryBudget.FULL;
    int retries = 0;
    while (budget.allows()) {
      budget = budget.afterRetry();
      retries++;
    }
    assertThat(retries).isEqualTo(200);
  }

  @Test
  void theBalanceIsNeverNegative() {
    assertThat(new RetryBudget(3).afterRetry()).isEqualTo(EMPTY);
  }
}
