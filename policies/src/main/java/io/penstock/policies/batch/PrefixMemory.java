package io.penstock.policies.batch;

import io.penstock.policies.fingerprint.PrefixChain.Link;
import io.penstock.policies.prefix.Caching.Known;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of prefixes: how often each was asked for, and how far its provider has it.
 * The ones that were asked for longest ago are forgotten first. For one thread.
 */
public final class PrefixMemory {
  /** About 400 bytes each. */
  static final int MOST = 100_000;

  private static final int MOST_OWNERS = 1_000;
  private static final double NEW_SHARE = 0.2;

  private final int most;
  private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private final LinkedHashMap<String, Duration> firstTokens = new LinkedHashMap<>(16, 0.75f, true);

  private record Entry(Known known, @Nullable Warmth warmth) {}

  public PrefixMemory() {
    this(MOST);
  }

  PrefixMemory(int most) {
    this.most = most;
  }

  Known known(String owner, String hash) {
    Entry entry = entries.get(owner + hash);
    return entry == null ? Known.NOTHING : entry.known;
  }

  void askedFor(String owner, List<Link> links, Instant now) {
    for (Link link : links) {
      Entry before = entries.get(owner + link.hash());
      Known known = before == null ? Known.NOTHING : before.known;
      put(owner + link.hash(), new Entry(known.after(now), before == null ? null : before.warmth));
    }
  }

  /** How far a prefix is, if it is not cold. */
  @Nullable Warmth warmth(String owner, String hash, Instant now) {
    Entry entry = entries.get(owner + hash);
    return entry == null || entry.warmth == null || !entry.warmth.holds(now) ? null : entry.warmth;
  }

  void set(String owner, String hash, @Nullable Warmth warmth) {
    Entry before = entries.get(owner + hash);
    if (before != null || warmth != null) {
      put(owner + hash, new Entry(before == null ? Known.NOTHING : before.known, warmth));
    }
  }

  private void put(String name, Entry entry) {
    entries.put(name, entry);
    if (entries.size() > most) {
      entries.pollFirstEntry();
    }
  }

  int size() {
    return entries.size();
  }

  /** How long answers take to begin, as far as that is known. */
  Duration firstToken(String owner, Duration otherwise) {
    return Objects.requireNonNullElse(firstTokens.get(owner), otherwise);
  }

  void began(String owner, Duration after) {
    Duration before = firstTokens.get(owner);
    firstTokens.put(
        owner,
        before == null
            ? after
            : before.plusNanos((long) (NEW_SHARE * after.minus(before).toNanos())));
    if (firstTokens.size() > MOST_OWNERS) {
      firstTokens.pollFirstEntry();
    }
  }
}
