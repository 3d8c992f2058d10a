package io.penstock.policies.prefix;

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

  static final Duration USUAL_LIFE = Duration.ofMinutes(5);
  static final Duration LONG_LIFE = Duration.ofHours(1);
  private static final int MOST_BREAKPOINTS = 4;
  static final int BYTES_PER_TOKEN = 4;

  // Beyond about 15 requests a minute a key's requests are spread over machines anyway.
  private static final double USES_PER_KEY = 15 * USUAL_LIFE.toMinutes();

  private Caching() {}

  /** How often a prefix was asked for, within the usual lifetime and within the long one. */
  public record Known(@Nullable Reuse usual, @Nullable Reuse longer) {
    public static final Known NOTHING = new Known(null, null);

    /** With one use more. */
    public Known after(Instant now) {
      return new Known(Reuse.after(usual, USUAL_LIFE, now), Reuse.after(longer, LONG_LIFE, now));
    }

    /** As it is for one of those who were counted: everybody else. */
    public Known withoutOne() {
      return new Known(Reuse.less(usual), Reuse.less(longer));
    }

    /** Uses a second, as they have come of late. */
    public double perSecond(Instant now) {
      return Reuse.expected(usual, USUAL_LIFE, now) / USUAL_LIFE.toSeconds();
    }
  }

  /**
   * What to do with a request.
   *
   * @param cache null where the provider is left to itself
   * @param learnt what is known of its prefixes from now on, by hash
   */
  public record Decision(@Nullable PromptCache cache, Map<String, Known> learnt) {}

  private static final Comparator<Prospect> IN_ORDER =
      Comparator.comparingInt(end -> end.link().messages());

  static final Decision UNTOLD = new Decision(null, Map.of());

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
    return profile.style() == CacheStyle.NONE || terms.isEmpty()
        ? UNTOLD
        : decide(Prompt.of(request), profile, terms, known, now);
  }

  /** The same of what matters of a request. */
  public static Decision decide(
      Prompt request,
      CacheProfile profile,
      Optional<CacheTerms> terms,
      Function<String, @Nullable Known> known,
      Instant now) {
    if (profile.style() == CacheStyle.NONE || terms.isEmpty() || request.ownMarks()) {
      return UNTOLD;
    }
    var learnt = new LinkedHashMap<String, Known>();
    var prospects = new ArrayList<Prospect>();
    for (Link link : request.chain()) {
      if (profile.keeps(link.length())) {
        Known before = Objects.requireNonNullElse(known.apply(link.hash()), Known.NOTHING);
        learnt.put(link.hash(), before.after(now));
        prospects.add(prospect(link, before, terms.get(), now));
      }
    }
    PromptCache cache =
        switch (profile.style()) {
          case NONE -> null;
          case KEYED -> keyed(request, prospects);
          case MARKED -> marked(terms.get(), prospects);
          case IMPLICIT ->
              terms.get().writesCost()
                  ? explicit(request, profile, prospects)
                  : keyed(request, prospects);
        };
    return new Decision(cache, learnt);
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

  /**
   * Left alone, the provider sends those who begin alike to one machine, which has what the others
   * wrote. A key takes them elsewhere, so there is one only where more ask than a machine serves.
   */
  private static @Nullable PromptCache keyed(Prompt request, List<Prospect> prospects) {
    return prospects.isEmpty() || prospects.getFirst().reads() <= USES_PER_KEY
        ? null
        : new PromptCache(key(request, prospects), List.of(), false);
  }

  private static @Nullable PromptCache marked(CacheTerms terms, List<Prospect> prospects) {
    List<Breakpoint> marks = terms.writesCost() ? lasting(breakpoints(prospects)) : List.of();
    return marks.isEmpty() ? null : new PromptCache(null, marks, false);
  }

  /**
   * Unless told otherwise, the provider writes every prompt that is long enough. What it reads must
   * end where a mark stands: so the marks that are left over go behind the longest prefixes that
   * were asked for, where earlier requests had theirs. Such a mark costs nothing: what is in front
   * of the last one is written once, or read.
   */
  private static @Nullable PromptCache explicit(
      Prompt request, CacheProfile profile, List<Prospect> prospects) {
    List<Prospect> ends = breakpoints(prospects);
    if (ends.isEmpty()) {
      return certainlyShort(request, profile) ? null : new PromptCache(null, List.of(), true);
    }
    var marked = new ArrayList<Prospect>(ends);
    prospects.reversed().stream()
        .filter(prospect -> prospect.gain() > 0 && !ends.contains(prospect))
        .limit(MOST_BREAKPOINTS - ends.size())
        .forEach(marked::add);
    marked.sort(IN_ORDER);
    // It knows one lifetime.
    return new PromptCache(
        key(request, prospects),
        marked.stream().map(end -> new Breakpoint(end.link().messages(), USUAL)).toList(),
        false);
  }

  /** Even if every letter is a token, as in some languages it is; an image is many. */
  private static boolean certainlyShort(Prompt request, CacheProfile profile) {
    List<Link> chain = request.chain();
    return request.textOnly()
        && (chain.isEmpty() || chain.getLast().length() < profile.leastTokens());
  }

  /**
   * The ends of the prefixes that pay, in order: the longest that does, and before it those that
   * clearly more requests share than share the next, because these read no further than there.
   */
  private static List<Prospect> breakpoints(List<Prospect> prospects) {
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
    kept.sort(IN_ORDER);
    return kept;
  }

  /** What lives for an hour must not stand behind what lives shorter. */
  private static List<Breakpoint> lasting(List<Prospect> ends) {
    boolean longer = false;
    var marks = new ArrayList<Breakpoint>();
    for (Prospect end : ends.reversed()) {
      longer |= end.lifetime().equals(LONG);
      marks.add(new Breakpoint(end.link().messages(), longer ? LONG : USUAL));
    }
    Collections.reverse(marks);
    return marks;
  }

  /**
   * A name for those who share the shortest prefix that is cached at all, so that it stays the same
   * while a conversation grows; where one name would have too many uses, each conversation keeps to
   * one of several.
   */
  private static String key(Prompt request, List<Prospect> prospects) {
    Prospect shared = prospects.getFirst();
    // A power of two: when there are more, half of the conversations stay where they are.
    long shards = 1;
    while (shards * USES_PER_KEY < shared.reads()) {
      shards *= 2;
    }
    String name = "penstock-" + shared.link().hash();
    if (shards == 1) {
      return name;
    }
    String conversation =
        prospects.stream()
            .filter(prospect -> prospect.link().messages() >= request.begun())
            .findFirst()
            .orElse(prospects.getLast())
            .link()
            .hash();
    return name + "-" + Math.floorMod(conversation.hashCode(), shards);
  }
}
