package io.penstock.embedded.simulator;

/** How an item of a batch ended. */
sealed interface ItemEnding {
  /**
   * Answered as the same call would be by itself.
   *
   * @param body of that answer
   */
  record Answered(PricedModel model, String body, TokenUse use) implements ItemEnding {}

  /** Answered with an error; costs nothing. */
  record Failed(Refusal refusal) implements ItemEnding {}

  /** Nobody came to it in time; costs nothing. */
  record Expired() implements ItemEnding {}

  /** The caller cancelled the batch before; costs nothing. */
  record Cancelled() implements ItemEnding {}
}
