package io.penstock.policies.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.Allowance;
import io.penstock.policies.calling.Quota;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds calls, and lets them go. */
class TurnstileTest {
  private static final Instant NOW = Instant.parse("2026-12-01T12:00:00Z");

  private final Turnstile<FairLineTest.ACall> turnstile = of(LimitRules.DEFAULT);
  private int made;

  private static Turnstile<FairLineTest.ACall> of(LimitRules rules) {
    return new Turnstile<>(rules);
  }

  private FairLineTest.ACall call(Lane lane) {
    return new FairLineTest.ACall(lane, "tenant", 10, ++made);
  }

  private Sent go(Turnstile<FairLineTest.ACall> to, Lane lane, Instant now) {
    var call = call(lane);
    to.add(call, now);
    assertThat(to.wait(call, now)).as("it may go").contains(Duration.ZERO);
    return to.goes(call, now);
  }

  private boolean held(Turnstile<FairLineTest.ACall> to, Lane lane, Instant now) {
    var call = call(lane);
    to.add(call, now);
    boolean held = to.wait(call, now).isEmpty();
    to.remove(call);
    return held;
  }

  @Test
  void withoutDataNobodyIsHeld() {
    for (int i = 0; i < 300; i++) {
      go(turnstile, Lane.BATCH, NOW);
    }
    assertThat(turnstile.traffic().underWay()).isEqualTo(300);
  }

  @Test
  void atTheLimitCallsWaitUntilOneEnds() {
    var five = of(LimitRules.DEFAULT.between(5, 5));
    List<Sent> sent = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      sent.add(go(five, Lane.STANDARD, NOW));
    }
    assertThat(sent.get(3).bound()).isFalse();
    assertThat(sent.get(4).bound()).isTrue();
    assertThat(held(five, Lane.EXPRESS, NOW)).isTrue();
    five.failed(sent.getFirst(), null);
    assertThat(held(five, Lane.EXPRESS, NOW)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      value = Reason.class,
      names = {"RATE_LIMITED", "PROVIDER_OVERLOADED"})
  void anOverloadCutsTheLimitOnceInARoundTrip(Reason reason) {
    List<Sent> sent = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      sent.add(go(turnstile, Lane.STANDARD, NOW));
    }
    assertThat(turnstile.learnt()).isNull();
    turnstile.failed(sent.get(39), reason);
    assertThat(turnstile.traffic().limit()).isEqualTo(34);
    assertThat(turnstile.learnt()).isEqualTo(34);
    for (int i = 20; i < 39; i++) {
      turnstile.failed(sent.get(i), reason);
    }
    assertThat(turnstile.traffic().limit()).as("those say nothing more").isEqualTo(34);
    assertThat(turnstile.traffic().refusals()).isEqualTo(1);
    turnstile.failed(go(turnstile, Lane.STANDARD, NOW), reason);
    assertThat(turnstile.traffic().limit()).isLessThan(34);
  }

  @ParameterizedTest
  @EnumSource(
      value = Reason.class,
      names = {"PROVIDER_SUSPENDED", "QUOTA_EXHAUSTED", "PROVIDER_ERROR", "PROVIDER_REJECTED"})
  void otherFailuresDoNot(Reason reason) {
    for (int i = 0; i < 40; i++) {
      turnstile.failed(go(turnstile, Lane.STANDARD, NOW), reason);
    }
    assertThat(turnstile.traffic().limit()).isEqualTo(LimitRules.DEFAULT.most());
    assertThat(turnstile.traffic().underWay()).isZero();
  }

  @Test
  void aShareIsKeptForExpressWhileItIsAskedFor() {
    var ten = of(LimitRules.DEFAULT.between(10, 10));
    Sent express = go(ten, Lane.EXPRESS, NOW);
    ten.answered(express);
    for (int i = 0; i < 8; i++) {
      assertThat(go(ten, Lane.STANDARD, NOW).bound()).isFalse();
    }
    Sent last = go(ten, Lane.BATCH, NOW);
    assertThat(last.bound()).as("none of its kind could go beside it").isTrue();
    assertThat(held(ten, Lane.STANDARD, NOW)).isTrue();
    assertThat(held(ten, Lane.BATCH, NOW)).isTrue();
    go(ten, Lane.EXPRESS, NOW);
    assertThat(held(ten, Lane.EXPRESS, NOW)).isTrue();
  }

  @Test
  void nothingIsKeptForExpressThatNobodyAsksFor() {
    var ten = of(LimitRules.DEFAULT.between(10, 10));
    ten.answered(go(ten, Lane.EXPRESS, NOW));
    Instant later = NOW.plus(LimitRules.DEFAULT.reserveFor());
    for (int i = 0; i < 10; i++) {
      go(ten, Lane.BATCH, later);
    }
    assertThat(held(ten, Lane.BATCH, later)).isTrue();
  }

  @Test
  void expressGoesWhileTheOthersWaitForRoom() {
    var two = of(LimitRules.DEFAULT.between(2, 2));
    two.answered(go(two, Lane.EXPRESS, NOW));
    go(two, Lane.STANDARD, NOW);
    var waits = call(Lane.STANDARD);
    two.add(waits, NOW);
    var hurries = call(Lane.EXPRESS);
    two.add(hurries, NOW);
    assertThat(two.next(NOW)).contains(hurries);
    assertThat(two.wait(waits, NOW)).isEmpty();
  }

  @Test
  void whereTheAllowanceIsUsedUpWhoeverIsNextWaitsForIt() {
    Sent first = go(turnstile, Lane.STANDARD, NOW);
    var told = new Allowance(Quota.told(null, 0L, NOW.plusSeconds(5), NOW), Quota.UNKNOWN);
    turnstile.heard(first, told, true, NOW);
    var batch = call(Lane.BATCH);
    turnstile.add(batch, NOW);
    assertThat(turnstile.wait(batch, NOW)).contains(Duration.ofSeconds(5));
    var express = call(Lane.EXPRESS);
    turnstile.add(express, NOW);
    assertThat(turnstile.wait(batch, NOW)).as("express is next").isEmpty();
    assertThat(turnstile.wait(express, NOW)).contains(Duration.ofSeconds(5));
    assertThat(turnstile.traffic().waiting())
        .containsEntry(Lane.BATCH, 1)
        .containsEntry(Lane.STANDARD, 0)
        .containsEntry(Lane.EXPRESS, 1);
  }

  @Test
  void answersThatBeginTooLateCutTheLimit() {
    for (int i = 0; i < Slowness.WINDOW; i++) {
      Sent call = go(turnstile, Lane.EXPRESS, NOW);
      turnstile.began(call, Duration.ofMillis(300));
      turnstile.answered(call);
    }
    List<Sent> many = new ArrayList<>();
    for (int i = 0; i < Slowness.WINDOW; i++) {
      many.add(go(turnstile, Lane.EXPRESS, NOW));
    }
    many.forEach(call -> turnstile.began(call, Duration.ofSeconds(4)));
    assertThat(turnstile.traffic().slow()).isEqualTo(1);
    assertThat(turnstile.traffic().limit()).isEqualTo(20); // Half of those under way, at least.
    many.forEach(call -> turnstile.began(call, Duration.ofSeconds(4)));
    assertThat(turnstile.traffic().slow()).as("sent before the cut").isEqualTo(1);
  }

  @Test
  void batchHasNoAimForItsFirstToken() {
    for (int i = 0; i < 3 * Slowness.WINDOW; i++) {
      turnstile.began(go(turnstile, Lane.BATCH, NOW), Duration.ofSeconds(i));
    }
    assertThat(turnstile.traffic().limit()).isEqualTo(LimitRules.DEFAULT.most());
  }
}
