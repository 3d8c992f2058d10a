package io.penstock.embedded.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The prefix caches of all models, and the two ways in which providers use them
 * (docs/measurements.md, Providers §1.6 and §2.4). For any thread.
 *
 * <p>A prompt looks its prefix up when it arrives, but what it writes is readable only once its
 * answer has begun: {@link #begun}. So callers that arrive together all pay for the same prefix.
 */
final class PrefixCaching {
  /** The shortest prefix that is cached. */
  static final int SHORTEST = 1_024;

  /** Automatic prefixes end at multiples of this many tokens. */
  static final int STEP = 128;

  private final int capacity;
  private final Duration ttl;
  private final Map<String, PrefixCache> caches = new ConcurrentHashMap<>();

  PrefixCaching(int capacity, Duration ttl) {
    this.capacity = capacity;
    this.ttl = ttl;
  }

  PrefixUse use(Ask ask, Instant now) {
    if (ask.prompt().tokens() < SHORTEST) {
      return PrefixUse.NONE;
    }
    return switch (ask.caching()) {
      case Caching.Automatic() -> automatic(ask, now);
      case Caching.Marked(int lookBack) -> marked(ask, lookBack, now);
    };
  }

  /** Makes what {@code use} writes readable. */
  void begun(Ask ask, PrefixUse use, Instant now) {
    if (!use.kept().isEmpty()) {
      cacheOf(ask).keep(use.kept(), now);
    }
  }

  void forgetAll() {
    caches.clear();
  }

  /** Every step of the prompt is a prefix; all that are new are written. */
  private PrefixUse automatic(Ask ask, Instant now) {
    List<Prompt.Place> steps = new ArrayList<>();
    for (int tokens = STEP; tokens <= ask.prompt().tokens(); tokens += STEP) {
      steps.add(new Prompt.Place(tokens, null));
    }
    List<Prefix> prefixes =
        ask.prompt()
            .prefixes(ask.model().name(), steps, ttl)
            .subList(SHORTEST / STEP - 1, steps.size());
    int known = cacheOf(ask).longest(prefixes, now);
    int reads = known == 0 ? 0 : prefixes.get(known - 1).tokens();
    int writes = ask.model().chargesForWrites() ? prefixes.getLast().tokens() - reads : 0;
    return new PrefixUse(reads, writes, 0, prefixes.subList(known, prefixes.size()));
  }

  /**
   * Prefixes are written only at the caller's marks, and read at a mark or up to {@code lookBack}
   * blocks before one.
   */
  private PrefixUse marked(Ask ask, int lookBack, Instant now) {
    List<Prompt.Place> ends = ask.prompt().ends();
    List<Prefix> prefixes = ask.prompt().prefixes(ask.model().name(), ends, ttl);
    List<Prefix> readable = new ArrayList<>();
    List<Prefix> marked = new ArrayList<>();
    for (int i = 0; i < ends.size(); i++) {
      if (ends.get(i).tokens() < SHORTEST) {
        continue;
      }
      if (isMarkedWithin(ends, i, lookBack)) {
        readable.add(prefixes.get(i));
      }
      if (ends.get(i).kept() != null) {
        marked.add(prefixes.get(i));
      }
    }
    int known = cacheOf(ask).longest(readable, now);
    int reads = known == 0 ? 0 : readable.get(known - 1).tokens();
    List<Prefix> kept = marked.stream().filter(prefix -> prefix.tokens() > reads).toList();
    int upToLong = Math.max(reads, lastEnd(kept, true));
    int upToShort = Math.max(upToLong, lastEnd(kept, false));
    return new PrefixUse(reads, upToShort - upToLong, upToLong - reads, kept);
  }

  private static boolean isMarkedWithin(List<Prompt.Place> ends, int from, int lookBack) {
    int to = Math.min(ends.size() - 1, from + lookBack);
    return ends.subList(from, to + 1).stream().anyMatch(end -> end.kept() != null);
  }

  private static int lastEnd(List<Prefix> prefixes, boolean forLong) {
    return prefixes.stream()
        .filter(prefix -> prefix.kept().equals(Caching.LONG) == forLong)
        .mapToInt(Prefix::tokens)
        .max()
        .orElse(0);
  }

  private PrefixCache cacheOf(Ask ask) {
    return caches.computeIfAbsent(ask.model().name(), name -> new PrefixCache(capacity));
  }
}
