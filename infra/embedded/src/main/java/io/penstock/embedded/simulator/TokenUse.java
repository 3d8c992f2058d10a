package io.penstock.embedded.simulator;

/**
 * The tokens of one call, in parts that never overlap: {@code input} was read uncached.
 *
 * @param cacheWriteLong written to Anthropic's one-hour cache
 * @param output everything that was generated
 * @param reasoning the part of {@code output} that was thought and not said
 */
record TokenUse(
    long input, long cacheRead, long cacheWrite, long cacheWriteLong, long output, long reasoning) {
  static final TokenUse NONE = new TokenUse(0, 0, 0, 0, 0, 0);

  /** What a whole answer uses. */
  static TokenUse of(Ask ask, PrefixUse prefix, Answer answer) {
    int uncached = ask.prompt().tokens() - prefix.reads() - prefix.writes() - prefix.writesLong();
    int steps = answer.steps();
    return new TokenUse(
        uncached,
        prefix.reads(),
        prefix.writes(),
        prefix.writesLong(),
        answer.tokensAfter(steps),
        answer.reasoningAfter(steps));
  }

  /** Everything the model read; selects the price tier. */
  long totalInput() {
    return input + cacheRead + cacheWrite + cacheWriteLong;
  }

  /** The same input with less output. */
  TokenUse generating(long tokens, long thought) {
    return new TokenUse(input, cacheRead, cacheWrite, cacheWriteLong, tokens, thought);
  }

  TokenUse plus(TokenUse other) {
    return new TokenUse(
        input + other.input,
        cacheRead + other.cacheRead,
        cacheWrite + other.cacheWrite,
        cacheWriteLong + other.cacheWriteLong,
        output + other.output,
        reasoning + other.reasoning);
  }

  TokenUse minus(TokenUse other) {
    return new TokenUse(
        input - other.input,
        cacheRead - other.cacheRead,
        cacheWrite - other.cacheWrite,
        cacheWriteLong - other.cacheWriteLong,
        output - other.output,
        reasoning - other.reasoning);
  }
}
