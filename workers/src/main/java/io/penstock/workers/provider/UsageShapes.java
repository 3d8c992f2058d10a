package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.Tokens;
import org.jspecify.annotations.Nullable;

/**
 * Reads the providers' shapes of usage into {@link Tokens}, whose parts never overlap
 * (docs/measurements.md, Providers §4). A part is cut down to the count it is said to be part of;
 * usage from which the counts of input and output do not both follow is as good as none.
 */
final class UsageShapes {
  // More than any context window will hold for long: a larger count is rubbish, and its price could
  // overflow.
  private static final long PLAUSIBLE = 1_000_000_000L;

  private UsageShapes() {}

  /**
   * {@code prompt_tokens} includes what was read from and written to the prefix cache. What the
   * total has beyond prompt and completion is output too: some providers (Gemini, xAI) bill hidden
   * reasoning and show it nowhere else.
   */
  static @Nullable Tokens openAi(JsonNode usage) {
    Long total = count(usage, "total_tokens");
    Long completion = count(usage, "completion_tokens");
    Long prompt = orRest(count(usage, "prompt_tokens"), total, completion);
    Long shown = orRest(completion, total, prompt);
    if (prompt == null || shown == null) {
      return null;
    }
    long output = total == null ? shown : Math.max(shown, total - prompt);
    JsonNode input = usage.path("prompt_tokens_details");
    long write = Math.min(orZero(count(input, "cache_write_tokens")), prompt);
    long read = Math.min(orZero(count(input, "cached_tokens")), prompt - write);
    long reasoning =
        Math.max(
            orZero(count(usage.path("completion_tokens_details"), "reasoning_tokens")),
            output - shown);
    return new Tokens(
        prompt - read - write,
        read,
        write,
        0,
        output,
        Math.min(reasoning, output),
        Tokens.Special.NONE);
  }

  /** {@code input_tokens} excludes what was read from and written to the prefix cache. */
  static @Nullable Tokens anthropic(JsonNode usage) {
    Long input = count(usage, "input_tokens");
    Long output = count(usage, "output_tokens");
    if (input == null || output == null) {
      return null;
    }
    long read = orZero(count(usage, "cache_read_input_tokens"));
    JsonNode written = usage.path("cache_creation");
    long writeLong = orZero(count(written, "ephemeral_1h_input_tokens"));
    // What is not said to live an hour lives five minutes, with or without the breakdown.
    long write =
        Math.max(
            orZero(count(written, "ephemeral_5m_input_tokens")),
            orZero(count(usage, "cache_creation_input_tokens")) - writeLong);
    return new Tokens(input, read, write, writeLong, output, 0, Tokens.Special.NONE);
  }

  private static @Nullable Long orRest(
      @Nullable Long count, @Nullable Long total, @Nullable Long other) {
    return count != null || total == null || other == null
        ? count
        : Long.valueOf(Math.max(0, total - other));
  }

  private static long orZero(@Nullable Long count) {
    return count == null ? 0 : count;
  }

  private static @Nullable Long count(JsonNode usage, String field) {
    JsonNode value = usage.path(field);
    if (!value.isNumber() || !value.canConvertToExactIntegral() || !value.canConvertToLong()) {
      return null;
    }
    long count = value.longValue();
    return count > PLAUSIBLE ? null : Long.valueOf(Math.max(0, count));
  }
}
