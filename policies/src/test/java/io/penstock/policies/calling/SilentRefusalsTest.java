package io.penstock.policies.calling;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import org.junit.jupiter.api.Test;

class SilentRefusalsTest {

  @Test
  void threeInARowMeanThatSomebodyMustPay() {
    var once = SilentRefusals.NONE.after(true);
    var twice = once.after(true);
    var thrice = twice.after(true);
    assertThat(once.meaning(Reason.RATE_LIMITED)).isEqualTo(Reason.RATE_LIMITED);
    assertThat(twice.meaning(Reason.RATE_LIMITED)).isEqualTo(Reason.RATE_LIMITED);
    assertThat(thrice.meaning(Reason.RATE_LIMITED)).isEqualTo(Reason.QUOTA_EXHAUSTED);
    assertThat(thrice.after(true).meaning(Reason.RATE_LIMITED)).isEqualTo(Reason.QUOTA_EXHAUSTED);
  }

  @Test
  void anythingElseInBetweenForgetsThem() {
    var state = SilentRefusals.NONE.after(true).after(true).after(false).after(true);
    assertThat(state.meaning(Reason.RATE_LIMITED)).isEqualTo(Reason.RATE_LIMITED);
  }

  @Test
  void onlyAnEmptyPurseIsTakenForOne() {
    var state = SilentRefusals.NONE.after(true).after(true).after(true);
    assertThat(state.meaning(Reason.PROVIDER_OVERLOADED)).isEqualTo(Reason.PROVIDER_OVERLOADED);
  }
}
