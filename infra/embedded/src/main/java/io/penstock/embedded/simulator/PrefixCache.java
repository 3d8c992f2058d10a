package io.penstock.embedded.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * The prefixes one model remembers, each for a time after its last use. The least recently used go
 * first when it is full, and of one chain the longest, so that what is left stays useful. For any
 * thread.
 */
final class PrefixCache {
  private final int capacity;
  private final LinkedHashMap<Long, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  private record Entry(Duration kept, Instant until) {
    Entry usedAt(Instant now) {
      return new Entry(kept, now.plus(kept));
    }
  }

  PrefixCache(int capacity) {
    this.capacity = capacity;
  }

  /**
   * How many of {@code prefixes} (shortest first) lie within the longest that is readable; 0 when
   * none is. Those are used thereby, and so kept for longer.
   */
  synchronized int longest(List<Prefix> prefixes, Instant now) {
    int readable = prefixes.size();
    while (readable > 0 && !isReadable(prefixes.get(readable - 1), now)) {
      readable--;
    }
    for (Prefix used : prefixes.subList(0, readable).reversed()) {
      entries.computeIfPresent(
          used.hash(), (hash, entry) -> isReadable(entry, now) ? entry.usedAt(now) : entry);
    }
    return readable;
  }

  /** Makes prefixes (shortest first) readable. */
  synchronized void keep(List<Prefix> prefixes, Instant now) {
    for (Prefix prefix : prefixes.reversed()) {
      entries.put(prefix.hash(), new Entry(prefix.kept(), now.plus(prefix.kept())));
    }
    while (entries.size() > capacity) {
      entries.pollFirstEntry();
    }
  }

  private boolean isReadable(Prefix prefix, Instant now) {
    Entry entry = entries.get(prefix.hash());
    return entry != null && isReadable(entry, now);
  }

  private static boolean isReadable(Entry entry, Instant now) {
    return now.isBefore(entry.until());
  }
}
