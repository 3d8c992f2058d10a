package io.penstock.policies.calling;

import io.penstock.policies.Reason;
import java.time.Duration;

/**
 * When a model of a provider is left alone for a while.
 *
 * @param calls how many of the last calls are looked at
 * @param leastCalls fewer say nothing
 * @param failuresPercent when so many of them failed, the breaker opens
 * @param open how long it stays open before a few calls try again
 * @param trials how many calls try again
 * @param trips so many failures that waiting of seconds does not cure open it, when no call worked
 *     between them. One is not enough: providers say them of a single bad request, too
 * @param trippedOpen how long it stays open after those
 * @param trialPause when those come back who found all trials taken
 * @param patience a call that was given up sooner says nothing: whoever was in a hurry must not
 *     shut the door to those who are not
 */
public record BreakerRules(
    int calls,
    int leastCalls,
    int failuresPercent,
    Duration open,
    int trials,
    int trips,
    Duration trippedOpen,
    Duration trialPause,
    Duration patience) {
  public static final BreakerRules DEFAULT =
      new BreakerRules(
          20,
          10,
          50,
          Duration.ofSeconds(10),
          3,
          3,
          Duration.ofMinutes(2),
          Duration.ofSeconds(1),
          Duration.ofSeconds(30));

  /** What a call says about the provider. */
  public enum Sign {
    /** It works. */
    WORKS,
    /** It failed as a failing provider does. */
    FAILS,
    /** It may fail in the same way until somebody sees to it. */
    TRIPS,
    /** Nothing. */
    SAYS_NOTHING
  }

  /**
   * Whether failures that waiting does not cure open the breaker.
   *
   * @param inARow how many of them there were since a call worked
   * @param trial whether the latest was a trial: the breaker had been open already
   */
  public boolean trip(int inARow, boolean trial) {
    return trial || inARow >= trips;
  }

  /**
   * As below, of a call that may have been in a hurry.
   *
   * @param given how long its caller would have waited
   * @param limit how long it might take: no longer than that, and shorter where the provider has a
   *     limit of its own
   * @param took how long it took: all of the limit, when it was given up. A call that was given up
   *     with its question still in hand has not reached the provider, like one that was turned away
   */
  public Sign sign(Reason reason, Duration given, Duration limit, Duration took) {
    boolean givenUp =
        reason == Reason.PROVIDER_TIMEOUT
            || (reason == Reason.PROVIDER_UNREACHABLE && took.compareTo(limit) >= 0);
    return givenUp && given.compareTo(patience) < 0 ? Sign.SAYS_NOTHING : sign(reason);
  }

  /** What a failure says: a limit on our pace, or a fault of the request, is not the provider's. */
  public Sign sign(Reason reason) {
    return switch (reason) {
      case PROVIDER_OVERLOADED,
          PROVIDER_ERROR,
          PROVIDER_UNREACHABLE,
          PROVIDER_TIMEOUT,
          ANSWER_TRUNCATED,
          ANSWER_GARBLED ->
          Sign.FAILS;
      case QUOTA_EXHAUSTED, PROVIDER_UNAUTHORIZED, MODEL_NOT_FOUND -> Sign.TRIPS;
      case PROVIDER_REJECTED, CONTEXT_TOO_LONG, ANSWER_TOO_LARGE -> Sign.WORKS;
      case RATE_LIMITED,
          PROVIDER_SUSPENDED,
          UNSUPPORTED,
          BATCH_UNANSWERED,
          WITHDRAWN,
          MALFORMED_JSON,
          UNKNOWN_FIELD,
          MISSING_FIELD,
          WRONG_TYPE,
          INVALID_VALUE,
          EMPTY_PROMPT,
          PROMPT_TOO_LARGE,
          UNKNOWN_LANE,
          UNKNOWN_MODEL,
          INVALID_DEADLINE,
          BODY_TOO_LARGE,
          UNAUTHORIZED,
          NOT_FOUND,
          METHOD_NOT_ALLOWED,
          IDEMPOTENCY_KEY_REUSED,
          NOT_CACHED,
          BUDGET_EXHAUSTED,
          BUDGET_BUSY,
          PRICE_UNKNOWN,
          UNAVAILABLE,
          OVERLOADED,
          DEADLINE_EXCEEDED,
          WORKERS_LOST,
          INTERNAL_ERROR ->
          Sign.SAYS_NOTHING;
    };
  }
}
