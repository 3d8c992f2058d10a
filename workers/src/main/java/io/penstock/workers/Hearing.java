package io.penstock.workers;

import io.penstock.schemas.avro.Delta;
import io.penstock.workers.provider.DeltaSink;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Notes when the first piece of an answer is there, and hands all on. For the thread of the call.
 */
final class Hearing implements DeltaSink, AutoCloseable {
  private final ChunkStream chunks;
  private final InstantSource clock;
  private @Nullable Instant firstAt;

  Hearing(ChunkStream chunks, InstantSource clock) {
    this.chunks = chunks;
    this.clock = clock;
  }

  @Override
  public void take(List<Delta> pieces) {
    firstAt = firstAt == null ? clock.instant() : firstAt;
    chunks.take(pieces);
  }

  /** When the first piece was there; null while there is none. */
  @Nullable Instant firstAt() {
    return firstAt;
  }

  @Override
  public void close() {
    chunks.close();
  }
}
