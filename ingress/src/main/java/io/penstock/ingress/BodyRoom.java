package io.penstock.ingress;

import io.penstock.ingress.json.RoomShare;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Room for the bodies that are being taken in, shared by all callers: many large ones at once are
 * turned away before they end the process. A body takes room as it arrives, for what is only
 * announced takes no memory, and gives it back when its requests are with the producer, whose
 * buffer has a bound of its own. Any thread.
 */
final class BodyRoom {
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final int UNIT_BYTES = 1024; // so that an int counts any heap

  // Fair, so that a large body does not wait for as long as small ones keep coming.
  private final Semaphore units;

  BodyRoom(long bytes) {
    this.units = new Semaphore((int) Math.min(Integer.MAX_VALUE, bytes / UNIT_BYTES), true);
  }

  /** Room for one body; nothing as yet. */
  Share share() {
    return new Share();
  }

  /** What one body takes. One thread. */
  final class Share implements RoomShare {
    private int taken;

    private Share() {}

    /** False when there is no room, nor is any given back in time. */
    @Override
    public boolean grow(int bytes) {
      int more = Math.ceilDiv(bytes, UNIT_BYTES);
      try {
        if (!units.tryAcquire(more, PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
          return false;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
      taken += more;
      return true;
    }

    @Override
    public void close() {
      units.release(taken);
      taken = 0;
    }
  }
}
