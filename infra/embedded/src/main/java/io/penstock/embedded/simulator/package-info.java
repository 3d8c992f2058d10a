/**
 * A provider that costs nothing: a real HTTP server which speaks OpenAI chat completions and
 * Anthropic messages, keeps a prefix cache, fails on request, and counts what it would have billed.
 * {@link io.penstock.embedded.simulator.Simulator} is the way in; README.md says what it simulates
 * and what it does not.
 *
 * <p>It shares no code with the ledger, so that the two can be held against each other.
 */
@NullMarked
package io.penstock.embedded.simulator;

import org.jspecify.annotations.NullMarked;
