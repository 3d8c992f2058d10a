package io.penstock.workers.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.Allowance;
import io.penstock.policies.calling.BreakerRules;
import io.penstock.policies.calling.Quota;
import io.penstock.policies.limit.LimitRules;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who is held while a provider would take no more, for how long, and who goes first. */
class HoldingTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration NAP = Duration.ofMillis(10);
  private static final Duration MANY_NAPS = NAP.multipliedBy(20);

  private static final Caller CALLER = new Caller(Lane.STANDARD, "tenant-1", 10);

  private final TestClock clock = new TestClock(NOW);
  private final Gate gate =
      new Gate("p", "m", BreakerRules.DEFAULT, LimitRules.DEFAULT, clock, _ -> {}, NAP);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @BeforeAll
  static void patience() {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  @Test
  void aCallIsHeldUntilTheResetAndThenLetPass() {
    tell(null, 0L, 5);
    var held = clearance(LONG, new Line());
    awaitHeld(1);
    clock.pass(Duration.ofSeconds(4));
    await().during(MANY_NAPS).until(() -> !held.isDone());
    clock.pass(Duration.ofSeconds(1));
    assertThat(held.join())
        .isInstanceOfSatisfying(
            Clearance.Granted.class,
            granted -> assertThat(granted.held()).isEqualTo(Duration.ofSeconds(5)));
  }

  @Test
  void thoseWhoWaitForAResetDoNotAllGoAtOnce() {
    tell(null, 0L, 5);
    var held = new ArrayList<CompletableFuture<Clearance>>();
    for (int i = 0; i < 20; i++) {
      held.add(clearance(LONG, new Line()));
    }
    awaitHeld(20);
    clock.pass(Duration.ofSeconds(5));
    await().until(() -> gone(held) == 1);
    // Its answer tells how many more: three.
    Permit first = permit(held.stream().filter(CompletableFuture::isDone).findFirst().get().join());
    first.heard(allowance(null, 3L, 60), false);
    await().until(() -> gone(held) == 4);
    clock.pass(Duration.ofSeconds(2));
    await().during(MANY_NAPS).until(() -> gone(held) == 4);
    // And one whose answers say nothing of limits takes all.
    held.stream()
        .filter(CompletableFuture::isDone)
        .map(done -> permit(done.join()))
        .forEach(each -> each.heard(Allowance.UNKNOWN, false));
    await().until(() -> gone(held) == 20);
  }

  @Test
  void whereTheLimitIsKnownCallsGoAsItFillsUp() {
    tell(10L, 0L, 10); // One a second.
    var held = new ArrayList<CompletableFuture<Clearance>>();
    for (int i = 0; i < 5; i++) {
      held.add(clearance(LONG, new Line()));
      awaitHeld(i + 1);
    }
    for (int i = 1; i <= 5; i++) {
      int goneNow = i;
      clock.pass(Duration.ofSeconds(1));
      await().until(() -> gone(held) == goneNow);
    }
  }

  @Test
  void nobodyIsHeldWhoWouldNotBeServedBeforeTheDeadline() {
    tell(null, 0L, 5);
    assertThat(clearance(Duration.ofSeconds(4), new Line()).join())
        .isInstanceOfSatisfying(
            Clearance.Refused.class,
            refused -> {
              assertThat(refused.failure().reason()).isEqualTo(Reason.RATE_LIMITED);
              assertThat(refused.failure().advice().retryAfter()).isEqualTo(Duration.ofSeconds(5));
              assertThat(refused.held()).isZero();
            });
  }

  @Test
  void nobodyIsHeldForLongerThanAMinute() {
    tell(null, 0L, 50);
    var first = clearance(LONG, new Line());
    awaitHeld(1);
    var second = clearance(LONG, new Line());
    awaitHeld(2);
    clock.pass(Duration.ofSeconds(50));
    var probe = permit(first.join());
    probe.heard(allowance(null, 0L, 50), true);
    clock.pass(Duration.ofSeconds(10));
    assertThat(second.join())
        .isInstanceOfSatisfying(
            Clearance.Refused.class,
            refused -> {
              assertThat(refused.failure().reason()).isEqualTo(Reason.RATE_LIMITED);
              assertThat(refused.failure().advice().retryAfter()).isPositive();
              assertThat(refused.held()).isEqualTo(Allowance.LONGEST_HOLD);
            });
  }

  @Test
  void nonsenseHoldsNobody() {
    for (Allowance nonsense :
        List.of(
            allowance(null, -1L, 5),
            allowance(-5L, -1L, -5),
            allowance(null, 0L, Integer.MAX_VALUE),
            allowance(Long.MAX_VALUE, Long.MAX_VALUE, 0),
            new Allowance(Quota.told(null, 0L, null, NOW), Quota.told(null, 0L, null, NOW)))) {
      permit(gate.clearance(CALLER, LONG, new Line())).heard(nonsense, false);
      assertThat(gate.clearance(CALLER, LONG, new Line())).isInstanceOf(Clearance.Granted.class);
    }
  }

  @Test
  void whatWasSentBeforeTheAnswerCameIsTakenOff() {
    Permit first = permit(gate.clearance(CALLER, LONG, new Line()));
    permit(gate.clearance(CALLER, LONG, new Line()));
    permit(gate.clearance(CALLER, LONG, new Line()));
    first.heard(allowance(null, 3L, 60), false);
    assertThat(gate.standing().remainingRequests()).isEqualTo(1);
    permit(gate.clearance(CALLER, LONG, new Line()));
    var _ = clearance(LONG, new Line());
    awaitHeld(1);
  }

  @Test
  void anAnswerThatComesLateTellsNothingNew() {
    Permit slow = permit(gate.clearance(CALLER, LONG, new Line()));
    permit(gate.clearance(CALLER, LONG, new Line())).heard(allowance(null, 0L, 60), false);
    slow.heard(allowance(null, 500L, 60), false);
    assertThat(gate.standing().remainingRequests()).isZero();
  }

  @Test
  void tokensAreCountedToo() {
    Permit first = permit(gate.clearance(CALLER, LONG, new Line()));
    first.heard(
        new Allowance(Quota.UNKNOWN, Quota.told(null, 25L, NOW.plusSeconds(9), NOW)), false);
    permit(gate.clearance(CALLER, LONG, new Line()));
    permit(gate.clearance(CALLER, LONG, new Line()));
    assertThat(gate.standing().remainingTokens()).isEqualTo(5);
    var _ = clearance(LONG, new Line());
    awaitHeld(1);
  }

  @Test
  void whoHangsUpIsHeldNoLonger() {
    tell(null, 0L, 50);
    var line = new Line();
    var first = clearance(LONG, line);
    awaitHeld(1);
    var second = clearance(LONG, new Line());
    awaitHeld(2);
    line.hangUp();
    assertThat(((Clearance.Refused) first.join()).failure().reason()).isEqualTo(Reason.WITHDRAWN);
    clock.pass(Duration.ofSeconds(50));
    assertThat(second.join()).isInstanceOf(Clearance.Granted.class);
  }

  @Test
  void aWorkerThatClosesHoldsNobody() {
    tell(null, 0L, 50);
    var line = new Line();
    var held = clearance(LONG, line);
    awaitHeld(1);
    line.wake();
    assertThat(((Clearance.Refused) held.join()).failure().reason()).isEqualTo(Reason.RATE_LIMITED);
  }

  private void tell(@Nullable Long limit, @Nullable Long left, long seconds) {
    permit(gate.clearance(CALLER, LONG, new Line())).heard(allowance(limit, left, seconds), true);
  }

  private Allowance allowance(@Nullable Long limit, @Nullable Long left, long seconds) {
    Instant now = clock.instant();
    return new Allowance(Quota.told(limit, left, now.plusSeconds(seconds), now), Quota.UNKNOWN);
  }

  private CompletableFuture<Clearance> clearance(Duration patience, Line line) {
    return CompletableFuture.supplyAsync(() -> gate.clearance(CALLER, patience, line), threads);
  }

  private static Permit permit(Clearance clearance) {
    return ((Clearance.Granted) clearance).permit();
  }

  private static long gone(List<CompletableFuture<Clearance>> clearances) {
    return clearances.stream().filter(CompletableFuture::isDone).count();
  }

  private void awaitHeld(int calls) {
    await().until(() -> gate.waiting() == calls);
  }
}
