package io.penstock.policies.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Batch beside express, on a machine that is a formula. */
final class PacingTest {
  private static final Duration STEP = Duration.ofMillis(5);
  private static final Duration GAP = Duration.ofMillis(20);
  private static final double ALONE_MS = 2;

  private final GateRules rules = GateRules.DEFAULT;
  private final Pacing pacing = new Pacing(rules);
  private Instant now = Instant.parse("2026-11-24T12:00:00Z");
  private boolean backlog = true;

  @Test
  void withoutExpressBatchGoesAsFastAsItCan() {
    assertThat(pacing.allow(0, now)).isEqualTo(Integer.MAX_VALUE);
    assertThat(pacing.perSecond()).isInfinite();
  }

  @Test
  void theFirstExpressRecordStopsBatchAtOnce() {
    pacing.allow(0, now);
    pacing.express(Duration.ofMillis(2), now);
    assertThat(pacing.allow(0, now)).isZero();
    assertThat(pacing.mode()).isEqualTo(Pacing.Mode.RESTING);
  }

  @Test
  void batchBeginsSlowlyOnceItIsKnownHowExpressIsAlone() {
    run(Duration.ofMillis(1_300), perSecond -> ALONE_MS);
    assertThat(pacing.mode()).isEqualTo(Pacing.Mode.PACED);
    assertThat(pacing.perSecond()).isEqualTo(rules.first());
    assertThat(pacing.allowedMs()).hasValue(rules.allowedMs(ALONE_MS));
  }

  @Test
  void aRestListensOnceWhatIsUnderWayIsGone() {
    pacing.express(Duration.ofMillis(900), now);
    for (int i = 0; i < 400; i++) { // 2 s
      now = now.plus(STEP);
      pacing.express(Duration.ofMillis(900), now);
      assertThat(pacing.allow(1_000, now)).isZero();
    }
    run(Duration.ofMillis(1_500), perSecond -> ALONE_MS);
    assertThat(pacing.allowedMs()).hasValue(rules.allowedMs(ALONE_MS));
  }

  @Test
  void workThatNobodyTakesIsNotWaitedForWithoutEnd() {
    pacing.express(Duration.ofMillis(2), now);
    for (int i = 0; i < 1_000; i++) { // 5 s
      now = now.plus(STEP);
      pacing.express(Duration.ofMillis(2), now);
      pacing.allow(1_000, now);
    }
    assertThat(pacing.mode()).isEqualTo(Pacing.Mode.PACED);
  }

  /** Whatever the machine bears, batch finds it, and express stays as fast as it was allowed. */
  @ParameterizedTest
  @CsvSource({"50", "500", "5000"})
  void batchUsesWhatExpressLeavesAndNoMore(double capacity) {
    DoubleUnaryOperator queue =
        perSecond -> perSecond >= capacity ? 1_000 : ALONE_MS / (1 - perSecond / capacity);
    run(Duration.ofMinutes(3), queue);
    Ran ran = run(Duration.ofMinutes(2), queue);
    // 25 % slower is allowed: an M/M/1 queue is that at a fifth of what it bears.
    assertThat(ran.expressMs()).isLessThan(rules.allowedMs(ALONE_MS) * 1.05);
    assertThat(ran.perSecond()).isBetween(capacity * 0.1, capacity * 0.25);
  }

  @ParameterizedTest
  @CsvSource({"-30000", "-40", "40", "30000"})
  void theClocksOfSendersNeedNotBeRight(double wrongByMs) {
    double capacity = 500;
    DoubleUnaryOperator queue =
        perSecond ->
            wrongByMs + (perSecond >= capacity ? 1_000 : ALONE_MS / (1 - perSecond / capacity));
    GateRules fixed =
        new GateRules(
            64,
            1_000,
            0,
            Duration.ofMillis(1),
            5,
            50,
            100_000,
            10,
            rules.look(),
            rules.longestLook(),
            rules.settling(),
            rules.restEvery(),
            rules.quiet());
    var law = new Pacing(fixed);
    run(law, Duration.ofMinutes(3), queue);
    Ran ran = run(law, Duration.ofMinutes(1), queue);
    // 1 ms more on 2 ms is a third of what it bears.
    assertThat(ran.perSecond()).isBetween(capacity * 0.2, capacity * 0.36);
  }

  @Test
  void timesThatProducersMadeUpCountForNothing() {
    pacing.express(Duration.ofDays(1), now);
    pacing.express(Duration.ofDays(-1), now);
    assertThat(pacing.allow(0, now)).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void aPaceThatNothingUsesDoesNotGrow() {
    run(Duration.ofSeconds(5), perSecond -> ALONE_MS);
    double before = pacing.perSecond();
    backlog = false;
    run(Duration.ofMinutes(2), perSecond -> ALONE_MS);
    assertThat(pacing.perSecond())
        .isCloseTo(before, org.assertj.core.data.Offset.offset(0.2 * before));
  }

  @Test
  void batchIsNeverShutOut() {
    Ran ran = run(Duration.ofMinutes(2), perSecond -> perSecond > 0 ? 10_000 : ALONE_MS);
    assertThat(pacing.perSecond()).isEqualTo(rules.slowest());
    assertThat(ran.perSecond()).isGreaterThan(rules.slowest() / 2);
  }

  @Test
  void whenExpressIsGoneBatchIsFreeAgainAndRemembersItsPace() {
    run(Duration.ofMinutes(1), perSecond -> ALONE_MS);
    double learned = pacing.perSecond();
    now = now.plus(rules.quiet());
    assertThat(pacing.allow(0, now)).isEqualTo(Integer.MAX_VALUE);
    pacing.express(Duration.ofMillis(2), now);
    pacing.allow(0, now);
    assertThat(pacing.perSecond()).isEqualTo(learned);
  }

  @Test
  void aFewPausesOfTheMachineAreNotHeldAgainstBatch() {
    var count = new int[1];
    run(Duration.ofSeconds(20), perSecond -> count[0]++ % 25 == 0 ? 80 : ALONE_MS);
    assertThat(pacing.perSecond()).isGreaterThan(rules.first());
  }

  @Test
  void rareExpressDoesNotKeepBatchResting() {
    Duration seldom = Duration.ofSeconds(5);
    long letIn = 0;
    for (int i = 0; i < 20; i++) {
      pacing.express(Duration.ofMillis(2), now);
      for (Duration t = Duration.ZERO; t.compareTo(seldom) < 0; t = t.plus(STEP)) {
        letIn += take(pacing);
        now = now.plus(STEP);
      }
    }
    assertThat(letIn).isGreaterThan(2_000);
  }

  @Test
  void nonsenseIsRefused() {
    assertThatThrownBy(() -> GateRules.of(0, 1, 25)).hasMessageContaining("at least one record");
    assertThatThrownBy(() -> GateRules.of(1, 1, -1)).hasMessageContaining("no faster");
  }

  /** What came of a while: the mean of express beside batch, and the pace of batch in all. */
  private record Ran(double expressMs, double perSecond) {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%.2f ms, %.1f/s", expressMs, perSecond);
    }
  }

  private Ran run(Duration length, DoubleUnaryOperator delayMs) {
    return run(pacing, length, delayMs);
  }

  private Ran run(Pacing law, Duration length, DoubleUnaryOperator delayMs) {
    Instant end = now.plus(length);
    Instant nextExpress = now;
    long letIn = 0;
    double sum = 0;
    int count = 0;
    while (now.isBefore(end)) {
      letIn += take(law);
      if (!now.isBefore(nextExpress)) {
        double pace = law.mode() == Pacing.Mode.PACED ? law.perSecond() : 0;
        double ms = delayMs.applyAsDouble(pace);
        law.express(Duration.ofNanos((long) (ms * 1e6)), now);
        sum += ms;
        count++;
        nextExpress = nextExpress.plus(GAP);
      }
      now = now.plus(STEP);
    }
    return new Ran(sum / count, letIn * 1e3 / length.toMillis());
  }

  private int take(Pacing law) {
    int allowed = law.allow(0, now);
    int taken = backlog ? Math.min(allowed, 1_000) : 0;
    law.letIn(taken);
    return taken;
  }
}
