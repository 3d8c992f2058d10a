package io.penstock.embedded.simulator;

import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A file that a caller uploaded, or that a batch left behind.
 *
 * @param path where its bytes are
 * @param until when it is deleted; null where nobody has said
 */
record StoredFile(
    String id,
    String name,
    String purpose,
    Path path,
    long bytes,
    Instant created,
    @Nullable Instant until) {
  boolean isGoneAt(Instant now) {
    return until != null && !now.isBefore(until);
  }
}
