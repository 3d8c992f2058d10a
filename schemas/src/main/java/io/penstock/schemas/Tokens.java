package io.penstock.schemas;

import io.penstock.schemas.avro.Usage;

/**
 * Tokens of one provider call, in parts that never overlap. {@code output} includes {@code
 * reasoning}. Providers report other shapes (OpenAI counts cached tokens inside the prompt,
 * Anthropic beside it); dialects translate into this one. Negative counts, and reasoning beyond the
 * output, are an {@link IllegalArgumentException}.
 */
public record Tokens(
    long uncachedInput,
    long cacheRead,
    long cacheWrite,
    long cacheWriteLong,
    long output,
    long reasoning,
    Special special) {

  /**
   * What is charged apart.
   *
   * @param audioInput audio among the uncached input
   * @param imageInput images among the uncached input
   * @param audioOutput audio among the output
   * @param webSearches charged by the piece
   */
  public record Special(long audioInput, long imageInput, long audioOutput, long webSearches) {
    public static final Special NONE = new Special(0, 0, 0, 0);

    public Special {
      if (audioInput < 0 || imageInput < 0 || audioOutput < 0 || webSearches < 0) {
        throw new IllegalArgumentException("counts must not be negative");
      }
    }
  }

  public Tokens {
    if (uncachedInput < 0 || cacheRead < 0 || cacheWrite < 0 || cacheWriteLong < 0 || output < 0) {
      throw new IllegalArgumentException("token counts must not be negative");
    }
    if (reasoning < 0 || reasoning > output) {
      throw new IllegalArgumentException(
          "reasoning tokens (" + reasoning + ") must lie within the output (" + output + ")");
    }
    if (special.audioInput + special.imageInput > uncachedInput
        || special.audioOutput + reasoning > output) {
      throw new IllegalArgumentException(special + " must lie within the other counts");
    }
  }

  /** Tokens of a call that touched no prefix cache. */
  public static Tokens plain(long input, long output) {
    return new Tokens(input, 0, 0, 0, output, 0, Special.NONE);
  }

  public static Tokens of(Usage usage) {
    return new Tokens(
        usage.getUncachedInput(),
        usage.getCacheRead(),
        usage.getCacheWrite(),
        usage.getCacheWriteLong(),
        usage.getOutput(),
        usage.getReasoning(),
        new Special(
            usage.getAudioInput(),
            usage.getImageInput(),
            usage.getAudioOutput(),
            usage.getWebSearches()));
  }

  public Usage toUsage() {
    return new Usage(
        uncachedInput,
        cacheRead,
        cacheWrite,
        cacheWriteLong,
        output,
        reasoning,
        special.audioInput,
        special.imageInput,
        special.audioOutput,
        special.webSearches);
  }

  /** Everything the model read, whatever it was billed at. */
  public long totalInput() {
    return uncachedInput + cacheRead + cacheWrite + cacheWriteLong;
  }
}
