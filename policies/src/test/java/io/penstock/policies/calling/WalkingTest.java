package io.penstock.policies.calling;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.Advice.Wish;
import io.penstock.policies.calling.Walking.Step;
import io.penstock.policies.calling.Walking.Tries;
import io.penstock.schemas.Tokens;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class WalkingTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final Instant DEADLINE = NOW.plusSeconds(30);
  private static final int LAST_TRY = Retrying.DEFAULT.maxAttempts();

  @ParameterizedTest(name = "{0}, try {1}, {2} candidates left: {3}")
  @CsvSource({
    // What may pass is tried again where it failed.
    "RATE_LIMITED,          1, 1, Again",
    "PROVIDER_OVERLOADED,   1, 0, Again",
    "ANSWER_GARBLED,        4, 0, Again",
    // Once it has been tried enough, the next candidate may do better.
    "RATE_LIMITED,          5, 1, Onward",
    "PROVIDER_UNREACHABLE,  5, 2, Onward",
    "PROVIDER_TIMEOUT,      5, 0, Stop",
    // What waiting does not mend goes on at once.
    "PROVIDER_UNAUTHORIZED, 1, 1, Onward",
    "QUOTA_EXHAUSTED,       1, 1, Onward",
    "MODEL_NOT_FOUND,       1, 1, Onward",
    "MODEL_NOT_FOUND,       1, 0, Stop",
    // What is wrong with the request is wrong everywhere.
    "PROVIDER_REJECTED,     1, 3, Stop",
    "ANSWER_TOO_LARGE,      1, 3, Stop",
  })
  void aPlanIsWalked(Reason reason, int tries, int left, String step) {
    assertThat(after(reason, tries, left, Advice.NONE).getClass().getSimpleName()).isEqualTo(step);
  }

  @ParameterizedTest(name = "{0} on {1}, next to candidates: {2}")
  @CsvSource({
    "LEAVE_IT,  PROVIDER_ERROR,    Onward",
    "LEAVE_IT,  RATE_LIMITED,      Onward",
    "TRY_AGAIN, PROVIDER_ERROR,    Again",
    "TRY_AGAIN, PROVIDER_REJECTED, Again",
    "UNSAID,    PROVIDER_REJECTED, Stop",
  })
  void aProvidersWishOverrulesTheErrorTable(Wish wish, Reason reason, String step) {
    assertThat(after(reason, 1, 1, new Advice(null, wish)).getClass().getSimpleName())
        .isEqualTo(step);
  }

  @ParameterizedTest(name = "{0}, reported {1}, counted {2}: {3}")
  @CsvSource({
    "PROVIDER_OVERLOADED,  ,   ,   false",
    "RATE_LIMITED,         ,   ,   false",
    "RATE_LIMITED,         ,   7,  true",
    "PROVIDER_OVERLOADED,  0,  ,   false",
    "PROVIDER_OVERLOADED,  5,  ,   true",
    "PROVIDER_TIMEOUT,     ,   ,   true",
    "PROVIDER_TIMEOUT,     ,   0,  false",
    "ANSWER_TRUNCATED,     ,   3,  true",
    "ANSWER_GARBLED,       ,   ,   true",
  })
  void aFailedCallMayHaveCostMoney(
      Reason reason, @Nullable Integer reported, @Nullable Integer counted, boolean may) {
    assertThat(Walking.mayHaveCost(reason, output(reported), output(counted))).isEqualTo(may);
  }

  private static @Nullable Tokens output(@Nullable Integer tokens) {
    return tokens == null ? null : Tokens.plain(0, tokens);
  }

  @Test
  void theProvidersWaitIsKept() {
    var advice = new Advice(Duration.ofSeconds(7), Wish.UNSAID);
    assertThat(after(Reason.PROVIDER_OVERLOADED, 1, 0, advice))
        .isEqualTo(new Step.Again(Duration.ofSeconds(7)));
  }

  @ParameterizedTest(name = "{0} calls and {1} waits")
  @CsvSource({"1, 0", "5, 0", "1, 7", "5, 7"})
  void aProviderThatOnlyAsksForPatienceIsWaitedForHoweverOftenItAsks(int calls, int waits) {
    var advice = new Advice(Duration.ofSeconds(1), Wish.UNSAID);
    Step step =
        Walking.DEFAULT.after(
            Reason.RATE_LIMITED,
            new Tries(calls, waits),
            0,
            advice,
            false,
            new RetryBudget(0),
            DEADLINE,
            NOW,
            0.0);
    assertThat(step).isEqualTo(new Step.Wait(Duration.ofSeconds(1)));
  }

  @Test
  void whoWasRefusedTogetherDoesNotComeBackTogether() {
    var advice = new Advice(Duration.ofSeconds(1), Wish.UNSAID);
    assertThat(waitOf(new Tries(1, 0), advice, 0.999).delay())
        .isGreaterThan(waitOf(new Tries(1, 0), advice, 0.0).delay());
  }

  @Test
  void theWaitsGrowWhenTheyDoNotEnd() {
    var advice = new Advice(Duration.ofSeconds(1), Wish.UNSAID);
    assertThat(waitOf(new Tries(1, 20), advice, 0.0).delay()).isGreaterThan(Duration.ofSeconds(6));
  }

  @Test
  void aWaitIsNoTry() {
    assertThat(Tries.FIRST.after(new Step.Wait(Duration.ofSeconds(1)))).isEqualTo(new Tries(1, 1));
    assertThat(Tries.FIRST.after(new Step.Again(Duration.ofSeconds(1)))).isEqualTo(new Tries(2, 0));
  }

  @Test
  void aProviderThatIsLeftAloneIsPassedOverWhereThereIsAnother() {
    var advice = new Advice(Duration.ofSeconds(1), Wish.UNSAID);
    assertThat(after(Reason.PROVIDER_SUSPENDED, 1, 1, advice)).isEqualTo(new Step.Onward());
    assertThat(after(Reason.PROVIDER_SUSPENDED, 1, 0, advice)).isInstanceOf(Step.Wait.class);
  }

  private static Step.Wait waitOf(Tries tries, Advice advice, double jitter) {
    return (Step.Wait)
        Walking.DEFAULT.after(
            Reason.RATE_LIMITED,
            tries,
            0,
            advice,
            false,
            RetryBudget.FULL,
            NOW.plusSeconds(3600),
            NOW,
            jitter);
  }

  @Test
  void aWaitBeyondTheDeadlineIsNoReasonToWaitButOneToGoOn() {
    var advice = new Advice(Duration.ofSeconds(31), Wish.UNSAID);
    assertThat(after(Reason.RATE_LIMITED, 1, 1, advice)).isEqualTo(new Step.Onward());
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void onlyWhatMayPassIsTriedAgain(Reason reason) {
    assertThat(after(reason, 1, 0, Advice.NONE))
        .isInstanceOf(reason.retryable() ? Step.Again.class : Step.Stop.class);
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void nothingIsCalledAfterTheDeadline(Reason reason) {
    var late =
        Walking.DEFAULT.after(
            reason, Tries.FIRST, 3, Advice.NONE, false, RetryBudget.FULL, DEADLINE, DEADLINE, 0.5);
    assertThat(late).isEqualTo(new Step.Stop());
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void onceAPieceOfTheAnswerWasHandedOnNothingFollows(Reason reason) {
    var wish = new Advice(Duration.ofMillis(1), Wish.TRY_AGAIN);
    assertThat(
            Walking.DEFAULT.after(
                reason, Tries.FIRST, 3, wish, true, RetryBudget.FULL, DEADLINE, NOW, 0.5))
        .isEqualTo(new Step.Stop());
  }

  @Test
  void aStepOnwardNeedsNoRetryBudget() {
    var spent = new RetryBudget(0);
    assertThat(
            Walking.DEFAULT.after(
                Reason.PROVIDER_ERROR,
                Tries.FIRST,
                1,
                Advice.NONE,
                false,
                spent,
                DEADLINE,
                NOW,
                0.5))
        .isEqualTo(new Step.Onward());
    assertThat(
            Walking.DEFAULT.after(
                Reason.PROVIDER_ERROR,
                Tries.FIRST,
                0,
                Advice.NONE,
                false,
                spent,
                DEADLINE,
                NOW,
                0.5))
        .isEqualTo(new Step.Stop());
  }

  @Test
  void noWishMakesMoreTriesThanAllowed() {
    assertThat(after(Reason.PROVIDER_ERROR, LAST_TRY, 0, new Advice(null, Wish.TRY_AGAIN)))
        .isEqualTo(new Step.Stop());
  }

  private static Step after(Reason reason, int tries, int left, Advice advice) {
    return Walking.DEFAULT.after(
        reason, new Tries(tries, 0), left, advice, false, RetryBudget.FULL, DEADLINE, NOW, 0.5);
  }
}
