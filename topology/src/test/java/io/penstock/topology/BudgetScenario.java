package io.penstock.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.budget.Budget;
import io.penstock.policies.budget.Budgets;
import io.penstock.policies.budget.Period;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.BudgetState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/**
 * Budgets in the flow. A question of five letters takes 141 input tokens at most and 100 of output
 * as assumed: 441 pico-dollars; its answer costs 70.
 */
abstract class BudgetScenario {
  static final long AT_MOST = 441;
  static final long COST = 70;

  TestingTopology topology = new TestingTopology();

  @AfterEach
  void close() {
    topology.close();
  }

  void given(Budget... budgets) {
    topology.close();
    topology = new TestingTopology(new Budgets(List.of(budgets), 100));
  }

  static Budget daily(long pico) {
    return Budget.hard("default", Period.DAY, new Money(pico));
  }

  /** Three seconds, in which the clock is looked at as often as it would be. */
  void aWhilePasses() {
    for (int i = 0; i < 30; i++) {
      topology.pass(Duration.ofMillis(100));
    }
  }

  BudgetState latest() {
    return topology.budgets().getLast();
  }

  static <T> T only(List<T> list) {
    assertThat(list).hasSize(1);
    return list.getFirst();
  }
}
