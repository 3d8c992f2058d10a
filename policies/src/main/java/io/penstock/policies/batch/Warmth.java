package io.penstock.policies.batch;

import java.time.Instant;

/** How far a provider has a prefix in its cache. What is neither of these is cold. */
sealed interface Warmth {
  Instant until();

  /** Somebody is sending it: it can be read once that answer begins. */
  record Warming(String leader, Instant since, Instant until) implements Warmth {}

  /** It can be read. */
  record Warm(Instant until) implements Warmth {}

  /** Whether this still holds. */
  default boolean holds(Instant now) {
    return now.isBefore(until());
  }
}
