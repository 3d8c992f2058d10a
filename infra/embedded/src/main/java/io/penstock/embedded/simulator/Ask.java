package io.penstock.embedded.simulator;

/**
 * A valid call to a model.
 *
 * @param longest the most output tokens the caller wants
 * @param stream whether the answer is streamed
 * @param reportsUsage whether the caller will be told what the call used; always, unless streamed
 */
record Ask(
    PricedModel model,
    Prompt prompt,
    Caching caching,
    int longest,
    boolean stream,
    boolean reportsUsage) {}
