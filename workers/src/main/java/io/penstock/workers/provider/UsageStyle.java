package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.Tokens;
import io.penstock.workers.provider.UsageReading.Counts;
import org.jspecify.annotations.Nullable;

/**
 * How providers count. All is read into {@link Tokens}, whose parts never overlap
 * (docs/measurements.md, Providers §4). A part is cut down to the count it is said to be part of,
 * and what contradicts itself is flagged.
 */
public enum UsageStyle {
  /**
   * {@code prompt_tokens} includes what was read from and written to the prefix cache. What the
   * total has beyond prompt and completion is taken for hidden output: paid, and shown nowhere
   * else.
   */
  OPENAI,

  /** Thoughts may lie outside the completion, in the total only. */
  GEMINI_COMPAT,

  /** Reasoning is told, but not part of the completion. */
  XAI,

  /** The prompt is told as what hit the cache and what missed it; a miss is plain input. */
  DEEPSEEK,

  /** As OpenAI, but on streams perhaps under {@code x_groq} only. */
  GROQ,

  /** {@code input_tokens} excludes what was read from and written to the prefix cache. */
  ANTHROPIC,

  /** It does not count, or not so that one could rely on it. */
  NONE;

  /** The usage in the body of a response, or in a chunk of one. */
  UsageReading read(JsonNode body) {
    JsonNode usage = body.path("usage");
    return switch (this) {
      case OPENAI -> openAi(usage, Hidden.FLAGGED);
      case GEMINI_COMPAT -> openAi(usage, Hidden.EXPECTED);
      case XAI -> openAi(usage, Hidden.BESIDE);
      case DEEPSEEK -> deepSeek(usage);
      case GROQ ->
          openAi(usage.isObject() ? usage : body.path("x_groq").path("usage"), Hidden.FLAGGED);
      case ANTHROPIC -> anthropic(usage);
      case NONE -> UsageReading.NONE;
    };
  }

  /** What there may be beyond the completion. */
  private enum Hidden {
    FLAGGED,
    EXPECTED,
    BESIDE
  }

  private static UsageReading openAi(JsonNode usage, Hidden hidden) {
    var counts = new Counts(usage);
    Long total = counts.of("total_tokens");
    Long completion = counts.of("completion_tokens");
    Long prompt = orRest(counts.of("prompt_tokens"), total, completion);
    Long shown = orRest(completion, total, prompt);
    if (prompt == null || shown == null) {
      return UsageReading.NONE;
    }
    Long cached = counts.of("prompt_tokens_details", "cached_tokens");
    long told = counts.orZero("completion_tokens_details", "reasoning_tokens");
    long output =
        switch (hidden) {
          case FLAGGED, EXPECTED -> total == null ? shown : Math.max(shown, total - prompt);
          case BESIDE -> shown + told;
        };
    counts.check(total == null || hidden == Hidden.EXPECTED || total == prompt + output);
    counts.check(total == null || hidden != Hidden.FLAGGED || total == prompt + shown);
    counts.check(hidden == Hidden.BESIDE || told <= output);
    long reasoning = hidden == Hidden.BESIDE ? told : Math.max(told, output - shown);
    return input(counts, prompt, cached, output, reasoning);
  }

  private static UsageReading deepSeek(JsonNode usage) {
    var counts = new Counts(usage);
    Long hit = counts.of("prompt_cache_hit_tokens");
    Long miss = counts.of("prompt_cache_miss_tokens");
    Long output = counts.of("completion_tokens");
    if (hit == null || miss == null || output == null) {
      return openAi(usage, Hidden.FLAGGED);
    }
    Long prompt = counts.of("prompt_tokens");
    counts.check(prompt == null || prompt == hit + miss);
    long told = counts.orZero("completion_tokens_details", "reasoning_tokens");
    counts.check(told <= output);
    return new UsageReading(
        new Tokens(miss, hit, 0, 0, output, Math.min(told, output), Tokens.Special.NONE),
        counts.wrong(),
        true);
  }

  /** Splits the prompt; {@code cached} null says that nobody told. */
  private static UsageReading input(
      Counts counts, long prompt, @Nullable Long cached, long output, long reasoning) {
    long toldWrite = counts.orZero("prompt_tokens_details", "cache_write_tokens");
    long write = Math.min(toldWrite, prompt);
    long read = Math.min(Counts.orZero(cached), prompt - write);
    counts.check(toldWrite + Counts.orZero(cached) <= prompt);
    long uncached = prompt - read - write;
    long thought = Math.min(reasoning, output);
    // Audio may also be among what was cached; what is priced apart is what was not.
    long audioIn = Math.min(counts.orZero("prompt_tokens_details", "audio_tokens"), uncached);
    long imageIn =
        Math.min(counts.orZero("prompt_tokens_details", "image_tokens"), uncached - audioIn);
    long audioOut =
        Math.min(counts.orZero("completion_tokens_details", "audio_tokens"), output - thought);
    return new UsageReading(
        new Tokens(
            uncached,
            read,
            write,
            0,
            output,
            thought,
            new Tokens.Special(audioIn, imageIn, audioOut, 0)),
        counts.wrong(),
        cached != null);
  }

  private static UsageReading anthropic(JsonNode usage) {
    var counts = new Counts(usage);
    Long input = counts.of("input_tokens");
    Long output = counts.of("output_tokens");
    if (input == null || output == null) {
      return UsageReading.NONE;
    }
    Long read = counts.of("cache_read_input_tokens");
    Long written = counts.of("cache_creation_input_tokens");
    Long shortly = counts.of("cache_creation", "ephemeral_5m_input_tokens");
    long writeLong = counts.orZero("cache_creation", "ephemeral_1h_input_tokens");
    counts.check(
        written == null
            || (shortly == null ? writeLong <= written : written == shortly + writeLong));
    // What is not said to live an hour lives five minutes, with or without the breakdown.
    long write = Math.max(Counts.orZero(shortly), Counts.orZero(written) - writeLong);
    long searches = counts.orZero("server_tool_use", "web_search_requests");
    return new UsageReading(
        new Tokens(
            input,
            Counts.orZero(read),
            write,
            writeLong,
            output,
            0,
            new Tokens.Special(0, 0, 0, searches)),
        counts.wrong(),
        read != null);
  }

  private static @Nullable Long orRest(
      @Nullable Long count, @Nullable Long total, @Nullable Long other) {
    return count != null || total == null || other == null
        ? count
        : Long.valueOf(Math.max(0, total - other));
  }
}
