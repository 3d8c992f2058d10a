package io.penstock.policies.prefix;

import io.penstock.policies.fingerprint.PrefixChain.Link;
import io.penstock.policies.prefix.Caching.Known;
import io.penstock.policies.prefix.PromptCaching.Offer;
import io.penstock.schemas.avro.PromptCache;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a request uses its provider's prefix cache: what the provider is told, and what it then
 * writes.
 */
public final class PrefixUse {
  /** For so long after its last use a prefix can be relied on; the shortest lifetime, nearly. */
  public static final Duration KEPT_AT_LEAST = Caching.USUAL_LIFE.minusSeconds(10);

  private final Prompt prompt;
  private final Offer offer;
  private final @Nullable PromptCache cache;

  private PrefixUse(Prompt prompt, Offer offer, @Nullable PromptCache cache) {
    this.prompt = prompt;
    this.offer = offer;
    this.cache = cache;
  }

  /**
   * Decides for a request.
   *
   * @param known how often others asked for a prefix, by hash
   */
  public static PrefixUse of(
      Prompt prompt, Offer offer, Function<String, @Nullable Known> known, Instant now) {
    return new PrefixUse(
        prompt,
        offer,
        Caching.decide(prompt, offer.profile(), Optional.of(offer.terms()), known, now).cache());
  }

  /** What is said of a request that is to write nothing, as far as that can be said. */
  public static @Nullable PromptCache writingNothing(Prompt prompt, Offer offer) {
    return Caching.decide(
            prompt, offer.profile(), Optional.of(offer.terms()), hash -> null, Instant.EPOCH)
        .cache();
  }

  /** Tokens of a text, as they are guessed for prefixes. */
  public static long tokens(long length) {
    return length / Caching.BYTES_PER_TOKEN;
  }

  /** What the provider is told; null for nothing. */
  public @Nullable PromptCache cache() {
    return cache;
  }

  /** Whether it writes nothing of its prefixes, and would if somebody else asked for them. */
  public boolean mightWrite() {
    return !prompt.ownMarks() && offer.terms().writesCost() && marks().isEmpty();
  }

  /** Whether the provider has this prefix afterwards, if it had not before. */
  public boolean writes(Link link) {
    if (prompt.ownMarks()) {
      return true; // Where its requester marked it, we do not ask; most mark what others share.
    }
    return switch (offer.profile().style()) {
      case NONE -> false;
      case KEYED -> true;
      case MARKED -> marked(link);
      case IMPLICIT -> !offer.terms().writesCost() || marked(link);
    };
  }

  private boolean marked(Link link) {
    return marks().contains(link.messages());
  }

  private List<Integer> marks() {
    return cache == null
        ? List.of()
        : cache.getBreakpoints().stream().map(mark -> mark.getMessages()).toList();
  }
}
