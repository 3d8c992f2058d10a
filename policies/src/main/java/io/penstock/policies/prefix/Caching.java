package io.penstock.policies.prefix;

import io.penstock.policies.fingerprint.PrefixChain;
import io.penstock.policies.fingerprint.PrefixChain.Link;
import io.penstock.schemas.avro.Breakpoint;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.PromptCache;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The law of prompt caching: a prefix is marked where the reads to be expected of it save more than
 * its write costs, and nowhere else (docs/measurements.md, Providers §6b). What to expect is learnt
 * from how often each prefix was asked for.
 */
public final class Caching {
  /** Lifetimes in the words of {@link Breakpoint}. */
  static final String USUAL = "default";

  static final String LONG = "1h";

  private static final Duration USUAL_LIFE = Duration.ofMinutes(5);
  private static final Duration LONG_LIFE = Duration.ofHours(1);
  private static final int MOST_BREAKPOINTS = 4;
  private static final int BYTES_PER_TOKEN = 4;

  // A key for fewer would name what nobody shares.
  private static final double SHARED = 0.5;

  // Beyond about 15 requests a minute a key's requests are spread over machines anyway.
  private static final double USES_PER_KEY = 15 * USUAL_LIFE.toMinutes();

  private Caching() {}

  /** How often a prefix was asked for, within the usual lifetime and within the long one. */
  public record Known(@Nullable Reuse usual, @Nullable Reuse longer) {
    static final Known NOTHING = new Known(null, null);

    Known after(Instant now) {
      return new Known(Reuse.after(usual, USUAL_LIFE, now), Reuse.after(longer, LONG_LIFE, now));
    }
  }

  /**
   * What to do with a request.
   *
   * @param cache null where the provider is left to itself
   * @param learnt what is known of its prefixes from now on, by hash
   */
  public record Decision(@Nullable PromptCache cache, Map<String, Known> learnt) {}

  private static final Decision UNTOLD = new Decision(null, Map.of());

  /** A prefix, and what is to be expected of it. */
  private record Prospect(Link link, double reads, String lifetime, double gain) {}

  /**
   * Decides how a request uses its provider's prefix cache.
   *
   * @param profile how the model's provider is told what to cache
   * @param terms empty where the price file does not tell: then nothing is risked
   * @param known what was learnt of a prefix, by hash; null of one that was never asked for
   */
  public static Decision decide(
      InferenceRequest request,
      CacheProfile profile,
      Optional<CacheTerms> terms,
      Function<String, @Nullable Known> known,
      Instant now) {
    if (profile.style() == CacheStyle.NONE || terms.isEmpty() || OwnMarks.in(request)) {
      return UNTOLD;
    }
    List<Link> links =
        PrefixChain.of(request).stream()
            .filter(link -> link.length() / BYTES_PER_TOKEN >= profile.leastTokens())
            .toList();
    if (links.isEmpty()) {
      return UNTOLD;
    }
    var learnt = new LinkedHashMap<String, Known>();
    var prospects = new ArrayList<Prospect>();
    for (Link link : links) {
      Known before = Objects.requireNonNullElse(known.apply(link.hash()), Known.NOTHING);
      learnt.put(link.hash(), before.after(now));
      prospects.add(prospect(link, before, terms.get(), now));
    }
    return new Decision(cache(profile.style(), terms.get(), prospects), learnt);
  }

  private static Prospect prospect(Link link, Known known, CacheTerms terms, Instant now) {
    double usual = Reuse.expected(known.usual(), USUAL_LIFE, now);
    double longer = Reuse.expected(known.longer(), LONG_LIFE, now);
    double gain = terms.write() == null ? 0 : terms.gain(usual, terms.write());
    double longGain =
        terms.writeLong() == null
            ? Double.NEGATIVE_INFINITY
            : terms.gain(longer, terms.writeLong());
    return longGain > gain
        ? new Prospect(link, longer, LONG, longGain)
        : new Prospect(link, usual, USUAL, gain);
  }

  private static @Nullable PromptCache cache(
      CacheStyle style, CacheTerms terms, List<Prospect> prospects) {
    List<Breakpoint> marks = terms.writesCost() ? breakpoints(prospects) : List.of();
    return switch (style) {
      case NONE -> null;
      case KEYED -> key(prospects).map(key -> new PromptCache(key, List.of(), false)).orElse(null);
      case MARKED -> marks.isEmpty() ? null : new PromptCache(null, marks, false);
      case IMPLICIT ->
          marks.isEmpty() && !terms.writesCost()
              ? key(prospects).map(key -> new PromptCache(key, List.of(), false)).orElse(null)
              : new PromptCache(key(prospects).orElse(null), usual(marks), marks.isEmpty());
    };
  }

  /** OpenAI knows one lifetime. */
  private static List<Breakpoint> usual(List<Breakpoint> marks) {
    return marks.stream().map(mark -> new Breakpoint(mark.getMessages(), USUAL)).toList();
  }

  /**
   * The ends of the prefixes that pay: the longest that does, and before it those that clearly more
   * requests share than share the next, because these read no further than there.
   */
  private static List<Breakpoint> breakpoints(List<Prospect> prospects) {
    var ends = new ArrayList<Prospect>();
    Prospect next = null;
    for (Prospect prospect : prospects.reversed()) {
      if (prospect.gain() > 0 && (next == null || prospect.reads() > 2 * next.reads())) {
        ends.add(prospect);
        next = prospect;
      }
    }
    // The longest stays, and of the others those that most share.
    List<Prospect> kept = new ArrayList<>(ends.subList(0, Math.min(1, ends.size())));
    for (int i = ends.size() - 1; i > 0 && kept.size() < MOST_BREAKPOINTS; i--) {
      kept.add(ends.get(i));
    }
    kept.sort(Comparator.comparingInt(end -> end.link().messages()));
    // What lives for an hour must not stand behind what lives shorter.
    boolean longer = false;
    var marks = new ArrayList<Breakpoint>();
    for (Prospect end : kept.reversed()) {
      longer |= end.lifetime().equals(LONG);
      marks.add(new Breakpoint(end.link().messages(), longer ? LONG : USUAL));
    }
    Collections.reverse(marks);
    return marks;
  }

  /**
   * A name for the longest prefix that others have asked for, shared by as many as it can serve.
   */
  private static Optional<String> key(List<Prospect> prospects) {
    for (Prospect prospect : prospects.reversed()) {
      if (prospect.reads() >= SHARED) {
        long shards = (long) Math.ceil(prospect.reads() / USES_PER_KEY);
        long shard =
            Math.floorMod(prospects.getLast().link().hash().hashCode(), Math.max(1, shards));
        return Optional.of("penstock-" + prospect.link().hash() + (shards > 1 ? "-" + shard : ""));
      }
    }
    return Optional.empty();
  }
}
