package io.penstock.client;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/**
 * What it takes to withdraw a request, without the request: small enough to be kept for as long as
 * somebody waits. Any thread.
 */
@FunctionalInterface
public interface Retraction {
  /**
   * Tells that nobody here wants the answer any more. It is a hint: a response may come, or be
   * under way, all the same.
   *
   * @param at by the clock of the caller
   * @return completes when the hint is durable; fails with a {@link ClientException}
   */
  CompletableFuture<Void> at(Instant at);
}
