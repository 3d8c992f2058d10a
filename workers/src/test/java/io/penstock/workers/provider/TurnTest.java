package io.penstock.workers.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.Allowance;
import io.penstock.policies.calling.BreakerRules;
import io.penstock.policies.calling.Quota;
import io.penstock.policies.limit.LimitRules;
import io.penstock.schemas.Answers;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who waits while as many calls are under way as a provider takes, and who goes next. */
class TurnTest {
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration NAP = Duration.ofMillis(10);

  private final TestClock clock = new TestClock(Instant.parse("2026-12-01T12:00:00Z"));
  private final Gate gate =
      new Gate(
          "p", "m", BreakerRules.DEFAULT, LimitRules.DEFAULT.between(1, 1), clock, _ -> {}, NAP);
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
  void aCallWaitsUntilTheOneBeforeItHasEnded() {
    Permit first = permit(clearance(Lane.STANDARD, "a", LONG, new Line()));
    var second = clearance(Lane.STANDARD, "a", LONG, new Line());
    awaitWaiting(1);
    clock.pass(Duration.ofMinutes(3)); // Longer than anybody is held by an allowance.
    await().during(NAP.multipliedBy(20)).until(() -> !second.isDone());
    end(first);
    assertThat(second.join())
        .isInstanceOfSatisfying(
            Clearance.Granted.class,
            granted -> assertThat(granted.held()).isEqualTo(Duration.ofMinutes(3)));
  }

  @Test
  void expressGoesBeforeThoseWhoCameBeforeIt() {
    Permit first = permit(clearance(Lane.STANDARD, "a", LONG, new Line()));
    var others = new ArrayList<CompletableFuture<Clearance>>();
    for (Lane lane : List.of(Lane.BATCH, Lane.STANDARD, Lane.STANDARD)) {
      others.add(clearance(lane, "a", LONG, new Line()));
      awaitWaiting(others.size());
    }
    var express = clearance(Lane.EXPRESS, "a", LONG, new Line());
    awaitWaiting(4);
    end(first);
    Permit gone = permit(express);
    assertThat(others).noneMatch(CompletableFuture::isDone);
    end(gone);
    await().until(() -> others.stream().filter(CompletableFuture::isDone).count() == 1);
  }

  @Test
  void aTenantWhoComesToTheFloodOfAnotherIsNext() {
    Permit first = permit(clearance(Lane.STANDARD, "flood", LONG, new Line()));
    for (int i = 0; i < 30; i++) {
      var _ = clearance(Lane.STANDARD, "flood", LONG, new Line());
    }
    awaitWaiting(30);
    var other = clearance(Lane.STANDARD, "other", LONG, new Line());
    awaitWaiting(31);
    end(first);
    permit(other);
    assertThat(gate.waiting()).isEqualTo(30);
  }

  @Test
  void whoeverWaitsBeyondItsDeadlineWasNotCalledFor() {
    permit(clearance(Lane.STANDARD, "a", LONG, new Line()));
    var second = clearance(Lane.STANDARD, "a", Duration.ofSeconds(5), new Line());
    awaitWaiting(1);
    clock.pass(Duration.ofSeconds(5));
    assertThat(second.join())
        .isInstanceOfSatisfying(
            Clearance.Refused.class,
            refused -> {
              assertThat(refused.failure().reason()).isEqualTo(Reason.RATE_LIMITED);
              assertThat(refused.failure().message()).contains("1 calls of this model at a time");
            });
    awaitWaiting(0);
  }

  @Test
  void whoHangsUpMakesRoomForTheNext() {
    Permit first = permit(clearance(Lane.STANDARD, "a", LONG, new Line()));
    var line = new Line();
    var second = clearance(Lane.STANDARD, "a", LONG, line);
    awaitWaiting(1);
    var third = clearance(Lane.STANDARD, "a", LONG, new Line());
    awaitWaiting(2);
    line.hangUp();
    assertThat(((Clearance.Refused) second.join()).failure().reason()).isEqualTo(Reason.WITHDRAWN);
    end(first);
    permit(third);
  }

  @Test
  void aPermitGivenBackTwiceMakesRoomOnce() {
    Permit first = permit(clearance(Lane.STANDARD, "a", LONG, new Line()));
    first.giveBack();
    first.giveBack();
    end(first);
    permit(clearance(Lane.STANDARD, "a", LONG, new Line()));
    assertThat(gate.traffic().underWay()).isEqualTo(1);
    var _ = clearance(Lane.STANDARD, "a", LONG, new Line());
    awaitWaiting(1);
  }

  @Test
  void refusedCallsAreSeenInTheTraffic() {
    var gates = new Gates(BreakerRules.DEFAULT, LimitRules.DEFAULT, clock);
    assertThat(gates.traffic("p", "m")).isEmpty();
    Gate adaptive = gates.of("p", "m");
    var permits = new ArrayList<Permit>();
    for (int i = 0; i < 21; i++) {
      var caller = new Caller(Lane.STANDARD, "a", 1);
      permits.add(((Clearance.Granted) adaptive.clearance(caller, LONG, new Line())).permit());
    }
    var tooMany = Result.Failed.of(Reason.RATE_LIMITED, "too many");
    Permit byTheMinute = permits.removeLast();
    Instant now = clock.instant();
    byTheMinute.heard(
        new Allowance(Quota.told(60L, 0L, now.plusSeconds(60), now), Quota.UNKNOWN), true);
    byTheMinute.end(tooMany, LONG, LONG, LONG);
    assertThat(gates.traffic("p", "m").orElseThrow().refusals())
        .as("its headers say that it is not about calls at a time")
        .isZero();
    permits.getLast().end(tooMany, LONG, LONG, LONG);
    assertThat(gates.traffic("p", "m"))
        .hasValueSatisfying(traffic -> {
          assertThat(traffic.limit()).isEqualTo(17);
          assertThat(traffic.underWay()).isEqualTo(19);
          assertThat(traffic.refusals()).isEqualTo(1);
        });
  }

  private CompletableFuture<Clearance> clearance(
      Lane lane, String tenant, Duration patience, Line line) {
    var caller = new Caller(lane, tenant, 10);
    return CompletableFuture.supplyAsync(() -> gate.clearance(caller, patience, line), threads);
  }

  private static void end(Permit permit) {
    permit.end(
        new Result.Answered(Answers.text("Hi", "stop"), Bill.NONE),
        LONG,
        LONG,
        Duration.ofSeconds(1));
  }

  private static Permit permit(CompletableFuture<Clearance> clearance) {
    return ((Clearance.Granted) clearance.join()).permit();
  }

  private void awaitWaiting(int calls) {
    await().until(() -> gate.waiting() == calls);
  }
}
