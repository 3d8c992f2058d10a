package io.penstock.ingress;

import io.penstock.client.ChunkListener;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.ResponseChunk;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What has come of one answer and has not been told yet. One thread puts pieces in, one the end,
 * and one takes out. A reader that does not keep up gets the rest at the end, with the response: no
 * more than so many characters wait for it.
 */
final class Feed implements ChunkListener {
  /** Characters that may wait for a reader. */
  static final int MOST_WAITING = 256 * 1024;

  private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile boolean overflown;

  /** Something to be told. */
  sealed interface Event {
    record Chunk(ResponseChunk chunk) implements Event {}

    record Ended(Waits.End end) implements Event {}

    /** For a while there was nothing. */
    record Nothing() implements Event {}
  }

  @Override
  public void heard(ResponseChunk chunk) {
    // A gap would be worse than an early end: what comes after it is not told either.
    if (overflown || waiting.addAndGet(size(chunk)) > MOST_WAITING) {
      overflown = true;
      return;
    }
    events.add(new Event.Chunk(chunk));
  }

  void ended(Waits.End end) {
    events.add(new Event.Ended(end));
  }

  /**
   * The next event.
   *
   * @param patience how long to wait for one
   */
  Event next(Duration patience) throws InterruptedException {
    Event next = events.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    if (next instanceof Event.Chunk(ResponseChunk chunk)) {
      waiting.addAndGet(-size(chunk));
    }
    return next == null ? new Event.Nothing() : next;
  }

  private static int size(ResponseChunk chunk) {
    int size = 64;
    for (Delta delta : chunk.getDeltas()) {
      size += 64 + delta.getText().length();
    }
    return size;
  }
}
