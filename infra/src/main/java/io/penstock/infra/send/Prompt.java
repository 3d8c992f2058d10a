package io.penstock.infra.send;

/**
 * Something to ask.
 *
 * @param weight how often it is asked beside the others
 */
public record Prompt(String text, long weight) {}
