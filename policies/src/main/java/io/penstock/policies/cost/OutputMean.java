package io.penstock.policies.cost;

import io.penstock.schemas.avro.Usage;

/**
 * The mean output of a model, as observed.
 *
 * @param answers how many answers were seen
 * @param outputTokens their output tokens together, reasoning included
 * @param reasoningTokens their reasoning together
 */
public record OutputMean(long answers, long outputTokens, long reasoningTokens) {
  /** Before any answer was seen: a short chat answer. */
  private static final long PRIOR = 256;

  public static final OutputMean UNKNOWN = new OutputMean(0, 0, 0);

  public OutputMean with(Usage usage) {
    return new OutputMean(
        answers + 1, outputTokens + usage.getOutput(), reasoningTokens + usage.getReasoning());
  }

  public long tokens() {
    return answers == 0 ? PRIOR : Math.ceilDiv(outputTokens, answers);
  }

  /** Whether the model was seen to think before it answers. */
  public boolean reasons() {
    return reasoningTokens > 0;
  }
}
