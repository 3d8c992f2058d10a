package io.penstock.embedded.simulator;

import java.time.Duration;
import java.util.Map;

/** How long calls have taken since the simulator started, as vLLM tells it. For any thread. */
final class CallTimes {
  private final Histogram toFirstToken = new Histogram();
  private final Histogram betweenTokens = new Histogram();
  private final Histogram wholeCall = new Histogram();

  /**
   * A call has been answered.
   *
   * @param first from its beginning to its first token
   * @param whole from its beginning to its end
   * @param steps tokens of its longest choice
   */
  void answered(Duration first, Duration whole, int steps) {
    toFirstToken.add(first, 1);
    wholeCall.add(whole, 1);
    if (steps > 1) {
      betweenTokens.add(whole.minus(first).dividedBy(steps - 1L), steps - 1L);
    }
  }

  Map<String, Histogram> byName() {
    return Map.of(
        "vllm:time_to_first_token_seconds", toFirstToken,
        "vllm:inter_token_latency_seconds", betweenTokens,
        "vllm:e2e_request_latency_seconds", wholeCall);
  }
}
