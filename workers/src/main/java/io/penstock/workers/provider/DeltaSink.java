package io.penstock.workers.provider;

import io.penstock.schemas.avro.Delta;
import java.util.List;

/** Takes the pieces of a streamed answer as they come, on the thread of the call. */
@FunctionalInterface
public interface DeltaSink {
  /** Takes pieces; must not block for long, since nothing is read meanwhile. */
  void take(List<Delta> pieces);
}
