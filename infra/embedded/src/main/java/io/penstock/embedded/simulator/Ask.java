package io.penstock.embedded.simulator;

/**
 * A valid call to a model.
 *
 * @param tier service tier that serves it, as the answer names it and the price catalogue knows it
 * @param stream whether the answer is streamed
 * @param reportsUsage whether the caller will be told what the call used; always, unless streamed
 */
record Ask(
    PricedModel model,
    Prompt prompt,
    Caching caching,
    Wish wish,
    String tier,
    boolean stream,
    boolean reportsUsage) {

  Ask withoutUsage() {
    return new Ask(model, prompt, caching, wish, tier, stream, false);
  }
}
