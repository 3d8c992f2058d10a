package io.penstock.policies.calling;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllowanceTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  @ParameterizedTest(name = "{0} requests, {1} tokens left: wait {2} s for 100 tokens")
  @CsvSource(
      nullValues = "?",
      value = {
        "5, 1000, 0",
        "1, 100, 0",
        // None left: until requests, or tokens, are reset.
        "0, 1000, 2",
        "5, 99, 7",
        "5, 0, 7",
        "0, 0, 7",
        // What was not said holds nobody back.
        "?, 1000, 0",
        "?, ?, 0",
        "0, ?, 2",
      })
  void aCallWaitsForWhatTheProviderWouldNotTake(
      @Nullable Long requests, @Nullable Long tokens, long seconds) {
    var allowance = new Allowance(requests, tokens, NOW.plusSeconds(2), NOW.plusSeconds(7));
    assertThat(allowance.wait(100, NOW)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void whatIsSentIsTakenOffUntilTheProviderSaysMore() {
    var allowance = new Allowance(2L, 250L, NOW.plusSeconds(2), NOW.plusSeconds(7)).less(100);
    assertThat(allowance.wait(100, NOW)).isZero();
    assertThat(allowance.less(100).wait(100, NOW)).isEqualTo(Duration.ofSeconds(7));
    assertThat(Allowance.UNKNOWN.less(100)).isEqualTo(Allowance.UNKNOWN);
  }

  @Test
  void nobodyWaitsForAResetThatHasPassedOrWasNeverAnnounced() {
    assertThat(new Allowance(0L, 0L, NOW, NOW.minusSeconds(1)).wait(100, NOW)).isZero();
    assertThat(new Allowance(0L, 0L, null, null).wait(100, NOW)).isZero();
  }
}
