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

  @ParameterizedTest
  @CsvSource({
    // reason, given, limit, took, sign
    "PROVIDER_TIMEOUT, PT29S, PT29S, PT29S, SAYS_NOTHING",
    "PROVIDER_TIMEOUT, PT30S, PT30S, PT30S, FAILS",
    "PROVIDER_TIMEOUT, PT29S, PT10S, PT10S, SAYS_NOTHING",
    "PROVIDER_TIMEOUT, PT60S, PT10S, PT10S, FAILS",
    // Given up before the question had left.
    "PROVIDER_UNREACHABLE, PT1S, PT1S, PT1S, SAYS_NOTHING",
    "PROVIDER_UNREACHABLE, PT29S, PT29S, PT29.1S, SAYS_NOTHING",
    "PROVIDER_UNREACHABLE, PT30S, PT30S, PT30S, FAILS",
    "PROVIDER_UNREACHABLE, PT29S, PT10S, PT10S, SAYS_NOTHING",
    "PROVIDER_UNREACHABLE, PT60S, PT10S, PT10S, FAILS",
    // Turned away, with time to spare.
    "PROVIDER_UNREACHABLE, PT1S, PT1S, PT0.999S, FAILS",
    "PROVIDER_UNREACHABLE, PT20S, PT20S, PT5S, FAILS",
    "PROVIDER_ERROR, PT1S, PT1S, PT1S, FAILS",
    "ANSWER_TRUNCATED, PT1S, PT1S, PT1S, FAILS",
  })
  void whoeverGivesUpSoonSaysNothingOfTheProvider(
      Reason reason, Duration given, Duration limit, Duration took, Sign sign) {
    assertThat(BreakerRules.DEFAULT.sign(reason, given, limit, took)).isEqualTo(sign);
  }

  @Test
  void oneFailureThatWaitingDoesNotCureMayBeTheRequestsFault() {
    BreakerRules rules = BreakerRules.DEFAULT;
    assertThat(rules.trip(rules.trips() - 1, false)).isFalse();
    assertThat(rules.trip(rules.trips(), false)).isTrue();
    assertThat(rules.trip(1, true)).as("a trial").isTrue();
  }
}
