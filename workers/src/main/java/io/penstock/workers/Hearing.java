package io.penstock.workers;

import io.penstock.schemas.avro.Delta;
import io.penstock.workers.provider.DeltaSink;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Notes when the first piece of an answer is there, tells whoever waits for it, and hands all on to
 * who wants the pieces. For the thread of the call.
 */
final class Hearing implements DeltaSink, AutoCloseable {
  private final @Nullable ChunkStream chunks;
  private final Runnable begins;
  private final InstantSource clock;
  private @Nullable Instant firstAt;

  /**
   * @param chunks null where nobody wants the pieces
   * @param begins run once, with the first piece; must not block for long
   */
  Hearing(@Nullable ChunkStream chunks, Runnable begins, InstantSource clock) {
    this.chunks = chunks;
    this.begins = begins;
    this.clock = clock;
  }

  @Override
  public void take(List<Delta> pieces) {
    if (firstAt == null) {
      firstAt = clock.instant();
      begins.run();
    }
    if (chunks != null) {
      chunks.take(pieces);
    }
  }

  /** When the first piece was there; null while there is none. */
  @Nullable Instant firstAt() {
    return firstAt;
  }

  @Override
  public void close() {
    if (chunks != null) {
      chunks.close();
    }
  }
}
