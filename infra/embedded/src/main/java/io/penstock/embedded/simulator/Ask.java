package io.penstock.embedded.simulator;

import org.jspecify.annotations.Nullable;

/**
 * A valid call to a model.
 *
 * @param tier service tier that serves it, as the price catalogue knows it
 * @param tierSaid as the answer names it; null where it names none
 * @param stream whether the answer is streamed
 * @param reportsUsage whether the caller will be told what the call used; always, unless streamed
 */
record Ask(
    PricedModel model,
    Prompt prompt,
    Caching caching,
    Wish wish,
    String tier,
    @Nullable String tierSaid,
    boolean stream,
    boolean reportsUsage) {

  Ask withoutUsage() {
    return new Ask(model, prompt, caching, wish, tier, tierSaid, stream, false);
  }

  /** The same call as an item of a batch. */
  Ask inBatch(@Nullable String said) {
    return new Ask(model, prompt, caching, wish, BatchPlan.TIER, said, stream, reportsUsage);
  }
}
