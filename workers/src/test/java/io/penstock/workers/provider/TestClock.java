package io.penstock.workers.provider;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands still until it is moved. For any thread. */
final class TestClock implements InstantSource {
  private volatile Instant now;

  TestClock(Instant start) {
    now = start;
  }

  /** To be called by one thread at a time. */
  synchronized void pass(Duration time) {
    now = now.plus(time);
  }

  @Override
  public Instant instant() {
    return now;
  }
}
