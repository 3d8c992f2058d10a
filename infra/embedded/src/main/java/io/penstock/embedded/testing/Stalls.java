package io.penstock.embedded.testing;

import java.time.Duration;

/**
 * Measures for how long the machine did not let this process run, so that a bound on a time can be
 * kept on a machine that is slow or stands still for a while. What happened meanwhile all the same,
 * a wait that ran out for example, is taken off as well: it errs for the one it measures. It
 * watches from its start until it is closed.
 */
public final class Stalls implements AutoCloseable {
  private static final Duration NAP = Duration.ofMillis(20);

  private final long begun = System.nanoTime();
  private long stalled; // this and the next guarded by this
  private long lookedAt = begun;
  private final Thread watcher = Thread.ofPlatform().daemon().name("stalls").unstarted(this::watch);

  /** Watches from now on. */
  public Stalls() {
    watcher.start();
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(NAP);
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void look() {
    long now = System.nanoTime();
    stalled += overshoot(now);
    lookedAt = now;
  }

  private long overshoot(long now) {
    return Math.max(0, now - lookedAt - NAP.toNanos());
  }

  /** The time since the start, without that for which the process stood still. */
  public synchronized Duration running() {
    long now = System.nanoTime();
    return Duration.ofNanos(now - begun - stalled - overshoot(now));
  }

  @Override
  public void close() {
    watcher.interrupt();
  }
}
