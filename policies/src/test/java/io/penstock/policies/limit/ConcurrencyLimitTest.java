package io.penstock.policies.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.penstock.schemas.avro.Lane;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many calls at a time, after what was answered and what was refused. */
class ConcurrencyLimitTest {
  private static final LimitRules RULES = LimitRules.DEFAULT;
  private static final ConcurrencyLimit TWENTY = new ConcurrencyLimit(20, 0, 0, 0, 0);

  @Test
  void withoutDataNobodyWaits() {
    assertThat(ConcurrencyLimit.unknown(RULES).whole()).isEqualTo(RULES.most());
  }

  @Test
  void aRoundTripAtTheLimitMakesItOneLarger() {
    ConcurrencyLimit after = TWENTY;
    for (int i = 1; i <= 20; i++) {
      after = after.answered(sent(i, 20, true), RULES);
    }
    assertThat(after.calls()).isCloseTo(21, within(0.05));
  }

  @Test
  void whatDoesNotUseTheLimitUpDoesNotMakeItLarger() {
    ConcurrencyLimit after = TWENTY;
    for (int i = 1; i <= 1_000; i++) {
      after = after.answered(sent(i, 12, false), RULES);
    }
    assertThat(after.calls()).isEqualTo(20);
  }

  @Test
  void theLongerNothingIsRefusedTheFasterItGrowsButNeverByMoreThanATenth() {
    ConcurrencyLimit limit = new ConcurrencyLimit(50, 0, 0, 0, 0);
    for (int round = 0; round < 40; round++) {
      ConcurrencyLimit grown = round(limit);
      assertThat(grown.calls()).isLessThanOrEqualTo(1.11 * limit.calls());
      limit = grown;
    }
    assertThat(limit.calls()).isGreaterThan(150);
  }

  @Test
  void itNeverGrowsBeyondTheMost() {
    ConcurrencyLimit limit = new ConcurrencyLimit(20, 0, 0, 0, 0);
    LimitRules most = RULES.between(1, 22);
    for (int i = 1; i < 500; i++) {
      limit = limit.answered(sent(i, 22, true), most);
    }
    assertThat(limit.whole()).isEqualTo(22);
  }

  @ParameterizedTest
  @CsvSource({
    // limit, under way then, proven, under way now: the limit then
    "20,   20, 0,  20, 17", // what a refusal at the limit takes off
    "1024, 21, 0,  21, 17.85", // nobody had come near the limit
    "1024, 21, 0,  64, 32", // a burst: at least half of it may have been right
    "20,   2,  0,  20, 10", // an old call refused late cuts to half at most
    "20,   3,  20, 20, 17", // twenty were answered: three were not too many by themselves
    "1024, 1,  0,  1,  1", // one call is always allowed
    "1.4,  1,  1,  1,  1",
  })
  void aRefusalCutsWhatWasTried(double limit, int then, int proven, int now, double after) {
    ConcurrencyLimit cut = new ConcurrencyLimit(limit, 0, 9, proven, 5).cut(then, now, 70, RULES);
    assertThat(cut.calls()).isCloseTo(after, within(1e-9));
    assertThat(cut.quiet()).isZero();
    assertThat(cut.proven()).isEqualTo(Math.min(proven, cut.whole()));
    assertThat(cut.balance()).isZero();
  }

  @Test
  void callsSentBeforeACutSayNothingMore() {
    ConcurrencyLimit cut = TWENTY.refused(sent(50, 20, true), 20, 70, RULES);
    assertThat(cut.calls()).isEqualTo(17);
    assertThat(cut.refused(sent(70, 20, true), 19, 71, RULES)).isEqualTo(cut);
    assertThat(cut.answered(sent(70, 20, true), RULES).calls()).isEqualTo(17);
    assertThat(cut.outdates(sent(71, 17, true))).isFalse();
    assertThat(cut.answered(sent(71, 17, true), RULES).calls()).isGreaterThan(17);
  }

  @Test
  void aFixedLimitStaysWhatItIs() {
    LimitRules fixed = RULES.between(5, 5);
    ConcurrencyLimit limit = ConcurrencyLimit.unknown(fixed);
    assertThat(limit.cut(5, 5, 9, fixed).whole()).isEqualTo(5);
    assertThat(limit.answered(sent(10, 5, true), fixed).whole()).isEqualTo(5);
  }

  // It refuses at once what is more than it takes.
  @Test
  void atAProviderThatTakesTwentyItUsesNineTenthsAndIsRefusedRarely() {
    ConcurrencyLimit limit = ConcurrencyLimit.unknown(RULES);
    int takes = 20;
    long number = 0;
    long answered = 0;
    long refused = 0;
    for (int round = 0; round < 220; round++) {
      // A round trip: as many go as may, with sixty-four callers at most.
      int most = Math.min(64, limit.whole());
      long first = number + 1;
      number += most;
      for (int i = most; i >= 1; i--) { // The last is refused first.
        Sent call = sent(first + i - 1, i, i >= limit.whole());
        if (i > takes) {
          limit = limit.refused(call, i, number, RULES);
        } else {
          limit = limit.answered(call, RULES);
        }
      }
      if (round >= 20) {
        answered += Math.min(most, takes);
        refused += Math.max(0, most - takes);
      }
    }
    assertThat(answered / 200.0 / takes).as("used").isGreaterThan(0.9);
    assertThat((double) refused / answered).as("refused").isLessThan(0.03);
  }

  @Test
  void refusalsBelowWhatWasAnsweredCutOnlyWhenTheyAreMoreThanTheAnswers() {
    ConcurrencyLimit limit = TWENTY.answered(sent(1, 20, true), RULES);
    long number = 1;
    for (int i = 0; i < 200; i++) { // Every other is refused.
      limit = limit.refused(sent(++number, 20, true), 20, number, RULES);
      limit = limit.answered(sent(++number, 20, true), RULES);
    }
    assertThat(limit.calls()).isGreaterThan(20);

    double before = limit.calls();
    int refused = 0;
    while (limit.calls() >= before) { // The provider takes hardly any more.
      limit = limit.refused(sent(++number, 20, true), 20, number, RULES);
      refused++;
    }
    assertThat(refused).isBetween(20, 22);
    assertThat(limit.calls()).isLessThan(before);
  }

  @Test
  void numbersThatMakeNoSenseAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> RULES.between(0, 5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RULES.between(6, 5))
        .withMessageContaining("6 at least and 5 at most");
  }

  @Test
  void someCallsAreKeptForExpressButNeverTheOnlyOne() {
    assertThat(RULES.reserved(1)).isZero();
    assertThat(RULES.reserved(2)).isEqualTo(1);
    assertThat(RULES.reserved(19)).isEqualTo(1);
    assertThat(RULES.reserved(40)).isEqualTo(4);
  }

  private static ConcurrencyLimit round(ConcurrencyLimit limit) {
    ConcurrencyLimit after = limit;
    for (int i = 0; i < limit.whole(); i++) {
      after = after.answered(sent(1 + i, limit.whole(), true), RULES);
    }
    return after;
  }

  private static Sent sent(long number, int underWay, boolean bound) {
    return new Sent(Lane.STANDARD, number, number * 10, underWay, bound);
  }
}
