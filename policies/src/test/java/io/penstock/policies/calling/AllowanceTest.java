package io.penstock.policies.calling;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        // What was not said, or makes no sense, holds nobody back.
        "?, 1000, 0",
        "?, ?, 0",
        "0, ?, 2",
        "-1, -1, 0",
      })
  void aCallWaitsForWhatTheProviderWouldNotTake(
      @Nullable Long requests, @Nullable Long tokens, long seconds) {
    var allowance = new Allowance(quota(null, requests, 2), quota(null, tokens, 7));
    assertThat(allowance.hold(1, 100, NOW)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void whatIsSentIsTakenOffUntilTheProviderSaysMore() {
    var allowance = new Allowance(quota(null, 2L, 2), quota(null, 250L, 7)).less(1, 100);
    assertThat(allowance.hold(1, 100, NOW)).isZero();
    assertThat(allowance.less(1, 100).hold(1, 100, NOW)).isEqualTo(Duration.ofSeconds(7));
    assertThat(Allowance.UNKNOWN.less(1, 100)).isEqualTo(Allowance.UNKNOWN);
  }

  @Test
  void nobodyWaitsForAResetThatHasPassedOrWasNeverAnnounced() {
    assertThat(new Allowance(quota(null, 0L, 0), quota(null, 0L, -1)).hold(1, 100, NOW)).isZero();
    var never = Quota.told(null, 0L, null, NOW);
    assertThat(new Allowance(never, never).hold(1, 100, NOW)).isZero();
  }

  @ParameterizedTest(name = "{0} calls: {1} ms")
  @CsvSource({"1, 100", "2, 200", "10, 1000", "50, 1000"})
  void whereTheLimitIsKnownWhatIsLeftGrowsAndCallsGoOneByOne(long calls, long millis) {
    // Ten a second, used up.
    var allowance = new Allowance(quota(10L, 0L, 1), Quota.UNKNOWN);
    assertThat(allowance.hold(calls, 0, NOW))
        .as("never more than the limit is waited for")
        .isEqualTo(Duration.ofMillis(millis));
  }

  @Test
  void whatIsLeftGrowsToTheLimitAndNoFurther() {
    var requests = quota(10L, 4L, 6);
    assertThat(requests.left(NOW)).isEqualTo(4);
    assertThat(requests.left(NOW.plusSeconds(3))).isEqualTo(7);
    assertThat(requests.left(NOW.plusSeconds(60))).isEqualTo(10);
    assertThat(requests.less(8).left(NOW.plusSeconds(3))).isEqualTo(-1);
  }

  @Test
  void aCallOfMoreTokensThanTheLimitGoesWhenTheProviderIsFull() {
    var allowance = new Allowance(Quota.UNKNOWN, quota(1000L, 0L, 10));
    assertThat(allowance.hold(1, 5000, NOW)).isEqualTo(Duration.ofSeconds(10));
    assertThat(allowance.hold(1, 5000, NOW.plusSeconds(10))).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void afterAResetOneGoesAndTheOthersWaitForItsAnswer(boolean tokensUsedUp) {
    Quota usedUp = quota(null, 0L, 2);
    var told =
        tokensUsedUp ? new Allowance(Quota.UNKNOWN, usedUp) : new Allowance(usedUp, Quota.UNKNOWN);
    Instant reset = NOW.plusSeconds(2);
    var allowance = told.at(reset, 100);
    assertThat(allowance.hold(1, 100, reset)).isZero();
    var first = allowance.less(1, 100);
    assertThat(first.hold(1, 100, reset)).isEqualTo(Duration.ofSeconds(1));
    var second = first.at(reset.plusSeconds(1), 100);
    assertThat(second.hold(1, 100, reset.plusSeconds(1))).as("no answer, so another").isZero();
    assertThat(second.less(1, 100).hold(1, 100, reset.plusSeconds(1))).isPositive();
  }

  @Test
  void whatHeldNobodyBackIsNoNewsWhenItIsReset() {
    var plenty = new Allowance(quota(null, 5L, 2), quota(null, 1000L, 2));
    assertThat(plenty.at(NOW.plusSeconds(3), 100)).isEqualTo(plenty);
  }

  @Test
  void aResetInTheFarFutureIsNotBelievedOfAProviderThatAnswers() {
    var far = new Allowance(quota(null, 0L, 86_400), Quota.UNKNOWN);
    assertThat(far.believed(false, NOW).hold(1, 0, NOW)).isZero();
    assertThat(far.believed(true, NOW).hold(1, 0, NOW)).isEqualTo(Allowance.LONGEST_HOLD);
    var near = new Allowance(quota(null, 0L, 59), Quota.UNKNOWN);
    assertThat(near.believed(false, NOW)).isEqualTo(near);
  }

  @Test
  void aLimitOfTheDayThatFillsUpIsBelieved() {
    var day = new Allowance(quota(86_400L, 0L, 86_400), Quota.UNKNOWN);
    assertThat(day.believed(false, NOW).hold(1, 0, NOW)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void numbersBeyondReasonHoldNobodyForAYear() {
    var absurd = new Allowance(quota(Long.MAX_VALUE, 0L, Integer.MAX_VALUE), Quota.UNKNOWN);
    assertThat(absurd.less(Long.MAX_VALUE, 1).hold(1, 1, NOW)).isLessThan(Duration.ofDays(366));
    assertThat(new Allowance(quota(1L, 2L, 5), Quota.UNKNOWN).hold(3, 0, NOW))
        .as("a limit below what is left is none")
        .isEqualTo(Duration.ofSeconds(5));
  }

  private static Quota quota(@Nullable Long limit, @Nullable Long left, long seconds) {
    return Quota.told(limit, left, NOW.plusSeconds(seconds), NOW);
  }
}
