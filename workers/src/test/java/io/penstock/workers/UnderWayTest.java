package io.penstock.workers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class UnderWayTest {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-24T12:00:00Z"));
  private final UnderWay underWay = new UnderWay(now::get);

  @Test
  void aWithdrawnDispatchIsHungUpOnWhereverItIsCalledFor() {
    var one = underWay.open("d");
    var two = underWay.open("d");
    var other = underWay.open("e");
    underWay.withdraw("d");
    assertThat(one.hungUp()).isTrue();
    assertThat(two.hungUp()).isTrue();
    assertThat(other.hungUp()).isFalse();
  }

  @Test
  void aWithdrawalMayComeBeforeTheDispatch() {
    underWay.withdraw("d");
    assertThat(underWay.withdrawn("d")).isTrue();
    assertThat(underWay.open("d").hungUp()).isTrue();
  }

  @Test
  void afterAMinuteItIsForgotten() {
    underWay.withdraw("d");
    now.updateAndGet(then -> then.plus(Duration.ofSeconds(59)));
    assertThat(underWay.withdrawn("d")).isTrue();
    now.updateAndGet(then -> then.plus(Duration.ofSeconds(2)));
    assertThat(underWay.withdrawn("d")).isFalse();
  }

  @Test
  void endlessWithdrawalsAreBounded() {
    for (int i = 0; i <= 100_000; i++) {
      underWay.withdraw("d" + i);
    }
    assertThat(underWay.withdrawn("d100000")).isTrue();
    assertThat(underWay.withdrawn("d0")).isFalse();
  }

  @Test
  void whatIsDoneIsNotHungUpOn() {
    var line = underWay.open("d");
    underWay.close("d", line);
    underWay.withdraw("d");
    assertThat(line.hungUp()).isFalse();
  }

  @Test
  void aPauseEndsWhenSomebodyHangsUp() {
    var line = underWay.open("d");
    assertThat(line.pause(Duration.ZERO)).isFalse();
    underWay.withdraw("d");
    assertThat(line.pause(Duration.ofDays(1))).isTrue();
  }

  @Test
  void aPauseEndsWhenTheWorkerDoes() {
    var before = underWay.open("d");
    underWay.wake();
    assertThat(before.pause(Duration.ofDays(1))).isTrue();
    assertThat(underWay.open("e").pause(Duration.ofDays(1))).isTrue();
    assertThat(before.hungUp()).isFalse();
  }
}
