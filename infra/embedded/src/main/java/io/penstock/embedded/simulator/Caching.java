package io.penstock.embedded.simulator;

import java.time.Duration;

/** How a caller's prompt meets the prefix cache. */
sealed interface Caching {
  /** Anthropic's one-hour cache, whose writes have a price of their own. */
  Duration LONG = Duration.ofHours(1);

  /** As OpenAI does it: every long enough prompt, in steps. */
  record Automatic() implements Caching {}

  /**
   * Only where the caller marks it.
   *
   * @param lookBack blocks before a mark at which an earlier prefix is still found
   */
  record Marked(int lookBack) implements Caching {}
}
