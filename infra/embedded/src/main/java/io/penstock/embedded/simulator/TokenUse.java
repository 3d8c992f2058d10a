package io.penstock.embedded.simulator;

/**
 * The tokens of one call, in parts that never overlap: {@code input} was read uncached.
 *
 * @param cacheWriteLong written to Anthropic's one-hour cache
 */
record TokenUse(long input, long cacheRead, long cacheWrite, long cacheWriteLong, long output) {
  static final TokenUse NONE = new TokenUse(0, 0, 0, 0, 0);

  /** Everything the model read; selects the price tier. */
  long totalInput() {
    return input + cacheRead + cacheWrite + cacheWriteLong;
  }

  TokenUse plus(TokenUse other) {
    return new TokenUse(
        input + other.input,
        cacheRead + other.cacheRead,
        cacheWrite + other.cacheWrite,
        cacheWriteLong + other.cacheWriteLong,
        output + other.output);
  }

  TokenUse minus(TokenUse other) {
    return new TokenUse(
        input - other.input,
        cacheRead - other.cacheRead,
        cacheWrite - other.cacheWrite,
        cacheWriteLong - other.cacheWriteLong,
        output - other.output);
  }
}
