package io.penstock.client;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * How long this process was held up while it was watched: the machine paused, or others had its
 * processors. What has to happen in time has so much more of it.
 */
final class Stalls implements AutoCloseable {
  private static final long NAP = Duration.ofMillis(5).toNanos();

  private final AtomicLong stalled = new AtomicLong();
  private final Thread thread = Thread.ofPlatform().daemon().name("stalls").start(this::watch);
  private volatile boolean closed;

  private void watch() {
    long slept = System.nanoTime();
    while (!closed) {
      LockSupport.parkNanos(NAP);
      long woken = System.nanoTime();
      stalled.addAndGet(Math.max(0, woken - slept - NAP));
      slept = woken;
    }
  }

  /** What of a time remains when it is not counted how long we were held up since we watch. */
  Duration without(long nanos) {
    return Duration.ofNanos(nanos - stalled.get());
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
