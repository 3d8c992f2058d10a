package io.penstock.policies.calling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.policies.calling.Retrying.Decision;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryingTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final Instant LATER = NOON.plus(Duration.ofHours(1));
  private static final double MOST_JITTER = Math.nextDown(1.0);
  private static final Decision GIVE_UP = new Decision.GiveUp();

  @ParameterizedTest
  @CsvSource({"1, 375, 500", "2, 750, 1000", "3, 1500, 2000", "4, 3000, 4000"})
  void theDelayDoublesAndSpreadsOverItsLastQuarter(int tries, long least, long most) {
    assertThat(afterTries(tries, 0.0)).isEqualTo(again(least));
    assertThat(afterTries(tries, MOST_JITTER)).isEqualTo(again(most));
    assertThat(afterTries(tries, 0.5)).isEqualTo(again((least + most + 1) / 2));
  }

  @ParameterizedTest
  @CsvSource({"5", "6", "20", "21", "22", "64", "65", "1000000"})
  void theDelayStopsGrowing(int tries) {
    var patient = new Retrying(Integer.MAX_VALUE, ms(500), ms(8_000), Duration.ofMinutes(2));

    assertThat(decided(patient, tries, null, MOST_JITTER)).isEqualTo(again(8_000));
    assertThat(decided(patient, tries, null, 0.0)).isEqualTo(again(6_000));
  }

  @Test
  void theLastAttemptIsTheLast() {
    assertThat(afterTries(4, 0.0)).isInstanceOf(Decision.Again.class);
    assertThat(afterTries(5, 0.0)).isEqualTo(GIVE_UP);
    assertThat(afterTries(6, 0.0)).isEqualTo(GIVE_UP);
  }

  @ParameterizedTest
  @CsvSource({
    "PT0.001S, PT0.001S",
    "PT1S, PT1S",
    "PT30S, PT30S",
    "PT2M, PT2M",
    // Not a wish one can follow: our own delay.
    "PT0S, PT0.375S",
    "PT-1S, PT0.375S"
  })
  void theProvidersWishIsFollowedToTheLetter(Duration retryAfter, Duration delay) {
    assertThat(decided(Retrying.DEFAULT, 1, retryAfter, 0.0)).isEqualTo(new Decision.Again(delay));
  }

  @Test
  void aProviderThatAsksForTooMuchIsNotWaitedFor() {
    assertThat(decided(Retrying.DEFAULT, 1, Duration.ofMinutes(2).plusMillis(1), 0.0))
        .isEqualTo(GIVE_UP);
  }

  @ParameterizedTest
  @CsvSource({"376, true", "375, false", "0, false", "-1, false"})
  void nothingIsTriedAgainAtOrAfterTheDeadline(long msLeft, boolean again) {
    var decision =
        Retrying.DEFAULT.decide(1, null, RetryBudget.FULL, NOON.plusMillis(msLeft), NOON, 0.0);

    assertThat(decision).isEqualTo(again ? again(375) : GIVE_UP);
  }

  @Test
  void aWishBeyondTheDeadlineIsNotWaitedFor() {
    var decision =
        Retrying.DEFAULT.decide(
            1, Duration.ofSeconds(10), RetryBudget.FULL, NOON.plusSeconds(10), NOON, 0.0);

    assertThat(decision).isEqualTo(GIVE_UP);
  }

  @Test
  void withoutBudgetNothingIsTriedAgain() {
    var decision = Retrying.DEFAULT.decide(1, null, new RetryBudget(9), LATER, NOON, 0.0);

    assertThat(decision).isEqualTo(GIVE_UP);
  }

  @Test
  void oneAttemptMayBeAll() {
    var once = new Retrying(1, ms(500), ms(8_000), Duration.ofMinutes(2));

    assertThat(decided(once, 1, null, 0.0)).isEqualTo(GIVE_UP);
  }

  @Test
  void thereIsAlwaysAFirstAttempt() {
    assertThatThrownBy(() -> new Retrying(0, ms(1), ms(1), ms(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0");
  }

  private static Decision afterTries(int tries, double jitter) {
    return decided(Retrying.DEFAULT, tries, null, jitter);
  }

  private static Decision decided(
      Retrying retrying, int tries, @Nullable Duration retryAfter, double jitter) {
    return retrying.decide(tries, retryAfter, RetryBudget.FULL, LATER, NOON, jitter);
  }

  private static Decision again(long ms) {
    return new Decision.Again(ms(ms));
  }

  private static Duration ms(long ms) {
    return Duration.ofMillis(ms);
  }
}
