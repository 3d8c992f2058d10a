package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
  private final Deadlines deadlines = new Deadlines();

  @AfterEach
  void close() {
    deadlines.close();
  }

  @Test
  void nothingIsDoneBeforeItsTime() throws InterruptedException {
    long due = System.nanoTime() + Duration.ofMillis(35).toNanos();
    var done = new CountDownLatch(1);
    var appointment = deadlines.at(due, done::countDown);
    assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(System.nanoTime() - due).isNotNegative();
    appointment.close();
  }

  @Test
  void whatIsPastIsDoneAtOnce() {
    var done = new AtomicInteger();
    var appointment = deadlines.at(System.nanoTime() - 1_000_000_000, done::incrementAndGet);
    assertThat(done).hasValue(1);
    appointment.close();
  }

  @Test
  void whatIsCalledOffIsNotDone() throws InterruptedException {
    var done = new AtomicInteger();
    long due = 0;
    for (int millis = 50; due - System.nanoTime() <= 0; millis *= 2) { // called off in time?
      done.set(0);
      due = System.nanoTime() + Duration.ofMillis(millis).toNanos();
      deadlines.at(due, done::incrementAndGet).close();
    }
    var later = new CountDownLatch(1);
    try (var _ = deadlines.at(due + Deadlines.TICK.toNanos() * 2, later::countDown)) {
      assertThat(later.await(60, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(done).hasValue(0);
  }

  @Test
  void ofVeryManyAtAnyTimeEachIsDoneOnce() {
    var done = new AtomicInteger();
    long now = System.nanoTime();
    for (int i = 0; i < 100_000; i++) {
      var _ = deadlines.at(now + i * 3_000L, done::incrementAndGet); // into the past as well
    }
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> done.get() >= 100_000);
    assertThat(done).hasValue(100_000);
  }
}
