package io.penstock.policies.calling;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.BreakerRules.Sign;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BreakerRulesTest {
  @ParameterizedTest
  @CsvSource({
    "PROVIDER_ERROR, FAILS",
    "PROVIDER_OVERLOADED, FAILS",
    "PROVIDER_TIMEOUT, FAILS",
    "PROVIDER_UNREACHABLE, FAILS",
    "ANSWER_TRUNCATED, FAILS",
    // Seconds do not mend these.
    "QUOTA_EXHAUSTED, TRIPS",
    "PROVIDER_UNAUTHORIZED, TRIPS",
    "MODEL_NOT_FOUND, TRIPS",
    // A provider that refuses one request works for others.
    "PROVIDER_REJECTED, WORKS",
    "CONTEXT_TOO_LONG, WORKS",
    // Our pace, or our requester's will, is not its fault.
    "RATE_LIMITED, SAYS_NOTHING",
    "WITHDRAWN, SAYS_NOTHING",
    "PROVIDER_SUSPENDED, SAYS_NOTHING",
    "INTERNAL_ERROR, SAYS_NOTHING",
  })
  void aFailureSaysSomethingOfTheProviderOrNothing(Reason reason, Sign sign) {
    assertThat(BreakerRules.DEFAULT.sign(reason)).isEqualTo(sign);
  }

  @Test
  void whoeverGivesUpSoonSaysNothingOfTheProvider() {
    assertThat(BreakerRules.DEFAULT.sign(Reason.PROVIDER_TIMEOUT, Duration.ofSeconds(29)))
        .isEqualTo(Sign.SAYS_NOTHING);
    assertThat(BreakerRules.DEFAULT.sign(Reason.PROVIDER_TIMEOUT, Duration.ofSeconds(30)))
        .isEqualTo(Sign.FAILS);
    assertThat(BreakerRules.DEFAULT.sign(Reason.PROVIDER_ERROR, Duration.ofSeconds(1)))
        .isEqualTo(Sign.FAILS);
  }

  @Test
  void oneFailureThatWaitingDoesNotCureMayBeTheRequestsFault() {
    BreakerRules rules = BreakerRules.DEFAULT;
    assertThat(rules.trip(rules.trips() - 1, false)).isFalse();
    assertThat(rules.trip(rules.trips(), false)).isTrue();
    assertThat(rules.trip(1, true)).as("a trial").isTrue();
  }
}
