package io.penstock.topology.dispatch;

import io.penstock.policies.prefix.Caching.Known;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a task remembers of the prefixes that it dispatched, the latest ones only. It is in memory
 * and of this task alone: who forgets marks less for a while (docs/decisions, 17). Used by the
 * stream thread only.
 */
final class Prefixes {
  /** About 300 bytes each. */
  static final int MOST = 100_000;

  private final LinkedHashMap<String, Known> known = new LinkedHashMap<>(16, 0.75f, true);
  private final int most;

  Prefixes() {
    this(MOST);
  }

  Prefixes(int most) {
    this.most = most;
  }

  @Nullable Known get(String name) {
    return known.get(name);
  }

  void learn(Map<String, Known> learnt) {
    known.putAll(learnt);
    while (known.size() > most) {
      known.pollFirstEntry();
    }
  }

  int size() {
    return known.size();
  }
}
