package io.penstock.policies.coalesce;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulesTest {
  @ParameterizedTest
  @CsvSource({
    "PT-0.001S, PT1S, PT1S, 1, 0",
    "PT1S, PT-0.001S, PT1S, 1, 0",
    "PT1S, PT1S, PT-0.001S, 1, 0",
    "PT1S, PT1S, PT1S, 0, 0",
    "PT1S, PT1S, PT1S, 1, -1"
  })
  void rulesThatCannotBeKeptAreRefused(
      Duration startGrace, Duration keep, Duration retryGrace, int attempts, int handovers) {
    assertThatThrownBy(() -> new Rules(startGrace, keep, retryGrace, attempts, handovers))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theStrictestRulesAreRules() {
    assertThatCode(() -> new Rules(Duration.ZERO, Duration.ZERO, Duration.ZERO, 1, 0))
        .doesNotThrowAnyException();
  }
}
