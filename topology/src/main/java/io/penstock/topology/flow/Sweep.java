package io.penstock.topology.flow;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Forgets what has expired, a bounded number of entries at a time, so that no request waits for it.
 * Used by the stream thread only.
 */
public final class Sweep<V> {
  private static final int ENTRIES_PER_STEP = 500;

  private final KeyValueStore<String, V> store;
  private final Predicate<V> expired;
  private @Nullable String resumeAt;

  public Sweep(KeyValueStore<String, V> store, Predicate<V> expired) {
    this.store = store;
    this.expired = expired;
  }

  /** Looks at the next entries and deletes those that have expired. */
  public void step() {
    List<String> gone = new ArrayList<>();
    try (KeyValueIterator<String, V> entries = store.range(resumeAt, null)) {
      resumeAt = null;
      for (int seen = 0; entries.hasNext(); seen++) {
        var entry = entries.next();
        if (seen == ENTRIES_PER_STEP) {
          resumeAt = entry.key;
          break;
        }
        if (expired.test(entry.value)) {
          gone.add(entry.key);
        }
      }
    }
    gone.forEach(store::delete);
  }
}
