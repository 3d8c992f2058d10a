package io.penstock.workers;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A record that must be durable before the worker does what the record announces. Either it becomes
 * durable in time and the deed follows at once, or the worker gives it up; never both, whatever the
 * broker says later.
 */
final class Opening {
  /** How long a worker waits: well below the time for which Kafka lends it a record. */
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private final CompletableFuture<Boolean> inTime = new CompletableFuture<>();

  private final Deed deed;

  /**
   * What the record announces. Its methods may run on the producer's thread: they must be short.
   */
  interface Deed {
    Deed NOTHING = () -> {};

    /** The record is durable in time: once, or never. */
    void begin();

    /** The record was given up: instead of {@link #begin()}. */
    default void forgo() {}

    /** The record was given up and became durable all the same: after {@link #forgo()}. */
    default void withdraw() {}
  }

  /**
   * @param durable completes when the record is durable, or with why it is not
   */
  Opening(CompletableFuture<?> durable, Deed deed) {
    this.deed = deed;
    var _ =
        durable.whenComplete((nothing, failure) -> {
          if (failure != null) {
            giveUp();
          } else if (inTime.complete(true)) {
            deed.begin();
          } else {
            deed.withdraw();
          }
        });
  }

  /**
   * Waits for the record, and gives it up when {@code patience} ends or this thread is interrupted.
   *
   * @return whether the deed begins
   */
  boolean within(Duration patience) {
    try {
      return inTime.get(Math.max(0, patience.toNanos()), TimeUnit.NANOSECONDS);
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
