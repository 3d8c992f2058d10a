package io.penstock.workers;

import io.penstock.policies.calling.Timing;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptRenewed;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the leases of calls that last. A call that ends before its first renewal is due costs no
 * record. For any thread.
 */
final class Renewals implements AutoCloseable {
  private final Results results;
  private final Timing timing;
  private final ScheduledThreadPoolExecutor timer;

  Renewals(Results results, Timing timing, String worker) {
    this.results = results;
    this.timing = timing;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            Thread.ofPlatform().daemon().name(worker + "-renewals").factory(),
            new ThreadPoolExecutor.DiscardPolicy()); // Once closed, no lease is worth holding.
    timer.setRemoveOnCancelPolicy(true);
  }

  /** Holds the lease of an attempt until it is ended. */
  Held hold(String fingerprint, Attempt attempt) {
    Duration every = timing.renewEvery(attempt.getLane());
    var event =
        new AttemptRenewed(
            attempt.getId(), attempt.getDispatchId(), timing.lease(attempt.getLane()).toMillis());
    return new Held(fingerprint, event, every);
  }

  /** A lease that is being held. */
  final class Held {
    private final String fingerprint;
    private final AttemptRenewed event;
    private final ScheduledFuture<?> renewal;
    private volatile boolean ended;

    private Held(String fingerprint, AttemptRenewed event, Duration every) {
      this.fingerprint = fingerprint;
      this.event = event;
      this.renewal =
          timer.scheduleAtFixedRate(
              this::renew, every.toNanos(), every.toNanos(), TimeUnit.NANOSECONDS);
    }

    synchronized void renew() {
      if (!ended) {
        var _ = results.renewed(fingerprint, event); // Should it fail, the next one is soon due.
      }
    }

    /** Returns when no renewal can follow, not even one that was under way: the end may. */
    void end() {
      ended = true; // Ahead of the lock, which renewals that are late might take time and again.
      synchronized (this) {
        renewal.cancel(false);
      }
    }
  }

  /** Lets all leases run out. */
  @Override
  public void close() {
    timer.shutdownNow();
  }
}
