package io.penstock.ingress;

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

  /** How long it was since we watch; a mark to count from. */
  Duration soFar() {
    return Duration.ofNanos(stalled.get());
  }

  /**
   * What has passed since then, but for the time in which we were held up.
   *
   * @param begun as {@link System#nanoTime()} counted
   * @param then what {@link #soFar()} was
   */
  Duration unstalledSince(long begun, Duration then) {
    return Duration.ofNanos(System.nanoTime() - begun).minus(soFar().minus(then));
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
