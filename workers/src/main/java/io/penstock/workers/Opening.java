package io.penstock.workers;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A record that must be durable before the worker does what the record announces. Either it becomes
 * durable in time and the deed follows at once, or the worker gives it up; never both, whatever the
 * broker says later, and however long the worker itself was held up.
 */
final class Opening {
  private final CompletableFuture<Boolean> inTime = new CompletableFuture<>();

  private final TimeLimit limit;
  private final Deed deed;

  /**
   * What the record announces. Its methods may run on the producer's thread: they must be short.
   */
  interface Deed {
    Deed NOTHING = () -> {};

    /** The record is durable before the limit: once, or never. */
    void begin();

    /** The record was given up: instead of {@link #begin()}. */
    default void forgo() {}

    /** The record was given up and became durable all the same: after {@link #forgo()}. */
    default void withdraw() {}
  }

  /**
   * @param durable completes when the record is durable, or with why it is not
   * @param limit set before the record was sent, since sending may block: what begins after it
   *     might be begun by another worker too
   */
  Opening(CompletableFuture<?> durable, TimeLimit limit, Deed deed) {
    this.limit = limit;
    this.deed = deed;
    var _ =
        durable.whenComplete((nothing, failure) -> {
          if (failure != null) {
            giveUp();
          } else if (!limit.passed() && inTime.complete(true)) {
            deed.begin();
          } else {
            giveUp();
            deed.withdraw();
          }
        });
  }

  /**
   * Waits for the record, and gives it up when the limit has passed or this thread is interrupted.
   *
   * @return whether the deed begins
   */
  boolean begins() {
    try {
      return inTime.get(Math.max(0, limit.left().toNanos()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return giveUp();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return giveUp();
    }
  }

  private boolean giveUp() {
    if (inTime.complete(false)) {
      deed.forgo();
    }
    return inTime.join();
  }
}
