package io.penstock.policies.cost;

/**
 * The mean output of a model, as observed.
 *
 * @param answers how many answers were seen
 * @param outputTokens their output tokens together
 */
public record OutputMean(long answers, long outputTokens) {
  /** Before any answer was seen: a short chat answer. */
  private static final long PRIOR = 256;

  public static final OutputMean UNKNOWN = new OutputMean(0, 0);

  public OutputMean with(long tokens) {
    return new OutputMean(answers + 1, outputTokens + tokens);
  }

  public long tokens() {
    return answers == 0 ? PRIOR : Math.ceilDiv(outputTokens, answers);
  }
}
