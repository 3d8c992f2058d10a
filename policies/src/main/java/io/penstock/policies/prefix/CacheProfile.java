package io.penstock.policies.prefix;

import io.penstock.policies.cost.Rates;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How the prefix cache of a model's provider is used.
 *
 * @param leastTokens a shorter prefix is silently not cached
 */
public record CacheProfile(CacheStyle style, long leastTokens) {
  private static final CacheProfile UNKNOWN = new CacheProfile(CacheStyle.NONE, Long.MAX_VALUE);
  private static final long OPENAI_LEAST = 1024;

  /** Anthropic's minima (docs/measurements.md, Providers §2.4); the first row that fits counts. */
  private static final List<Row> ANTHROPIC =
      List.of(
          row("claude-(opus|haiku)-4-5.*|claude-opus-4-6.*", 4096),
          row("claude-opus-4-7.*|claude-mythos-preview.*|claude-3-5-haiku.*", 2048),
          row("claude-sonnet-5-5.*|claude-haiku-5-5.*", 512),
          row("claude-sonnet-5.*", 1024),
          row("claude-(opus|fable|mythos)-5.*", 512),
          row(".*", 1024));

  private record Row(Pattern model, long leastTokens) {}

  private static Row row(String model, long leastTokens) {
    return new Row(Pattern.compile(model), leastTokens);
  }

  /**
   * The profile of a model.
   *
   * @param provider id, as in plans; one we do not know is told nothing
   * @param rates the model's prices: whether writes have one tells two generations of OpenAI's
   *     models apart, of which the older refuses to be told anything but a key
   */
  public static CacheProfile of(String provider, String model, Rates rates) {
    return switch (provider) {
      case "anthropic" -> new CacheProfile(CacheStyle.MARKED, leastOf(model));
      case "openai" ->
          new CacheProfile(
              rates.cacheWrite() == null ? CacheStyle.KEYED : CacheStyle.IMPLICIT, OPENAI_LEAST);
      case "mistral" -> new CacheProfile(CacheStyle.KEYED, OPENAI_LEAST);
      default -> UNKNOWN;
    };
  }

  /** Whether a text of so many bytes, guessed at four to a token, is long enough to be kept. */
  boolean keeps(long length) {
    return length / Caching.BYTES_PER_TOKEN >= leastTokens;
  }

  private static long leastOf(String model) {
    return ANTHROPIC.stream()
        .filter(row -> row.model().matcher(model).matches())
        .findFirst()
        .orElseThrow()
        .leastTokens();
  }
}
