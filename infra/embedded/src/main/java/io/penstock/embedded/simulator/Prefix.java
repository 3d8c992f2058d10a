package io.penstock.embedded.simulator;

import java.time.Duration;

/**
 * The beginning of a prompt.
 *
 * @param hash of the model and everything up to its end
 * @param tokens its length
 * @param kept how long it stays readable after its last use
 */
record Prefix(long hash, int tokens, Duration kept) {}
