package io.penstock.embedded.simulator;

/**
 * A part of a streamed answer.
 *
 * @param text server-sent events, as they go over the wire
 * @param tokens output tokens that must be ready before it is sent; 0 means the first is awaited
 */
record Frame(String text, int tokens) {}
