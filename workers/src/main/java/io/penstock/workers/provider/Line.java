package io.penstock.workers.provider;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;

/**
 * The line on which a dispatch is called for, attempt after attempt: whoever knows that nobody
 * waits any more hangs up. For any thread.
 */
public final class Line {
  private final CountDownLatch awake = new CountDownLatch(1);
  private boolean hungUp;
  private @Nullable Runnable nudge;
  private @Nullable Call call;

  /** Breaks off the call that is under way, and lets none follow. */
  public void hangUp() {
    Call broken;
    synchronized (this) {
      hungUp = true;
      broken = call;
    }
    wake();
    if (broken != null) {
      broken.cancel();
    }
  }

  public synchronized boolean hungUp() {
    return hungUp;
  }

  /** Ends a pause, and all later ones at once. */
  public void wake() {
    awake.countDown();
    Runnable waiting;
    synchronized (this) {
      waiting = nudge;
    }
    if (waiting != null) {
      waiting.run();
    }
  }

  /** Whether no pause is to be made any more. */
  boolean woken() {
    return awake.getCount() == 0;
  }

  /**
   * Has somebody told who waits for another thing than a pause.
   *
   * @param waiting runs when the line is woken or hung up, on any thread; null when nobody waits
   */
  synchronized void nudging(@Nullable Runnable waiting) {
    nudge = waiting;
  }

  /**
   * Waits; true when it was woken, hung up or interrupted before the time was over.
   *
   * @param length between two attempts
   */
  public boolean pause(Duration length) {
    try {
      return awake.await(length.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Puts a call on the line; false when it has been hung up and nothing may be called. */
  synchronized boolean take(Call next) {
    call = next;
    return !hungUp;
  }

  synchronized void free() {
    call = null;
  }
}
