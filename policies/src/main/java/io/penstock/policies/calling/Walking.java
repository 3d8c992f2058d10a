package io.penstock.policies.calling;

import io.penstock.policies.Reason;
import java.time.Duration;
import java.time.Instant;

/**
 * How a worker walks a plan: it tries a candidate again while that may help, goes on to the next
 * one when another provider or model may do better, and stops where nobody could.
 *
 * @param retrying when the same candidate is tried again
 */
public record Walking(Retrying retrying) {
  public static final Walking DEFAULT = new Walking(Retrying.DEFAULT);

  /** What to do after an attempt without an answer. */
  public sealed interface Step {
    /** Call the same candidate again after {@code delay}. */
    record Again(Duration delay) implements Step {}

    /** Call the next candidate at once. */
    record Onward() implements Step {}

    /** The failure stands. */
    record Stop() implements Step {}
  }

  /**
   * Decides after a failure.
   *
   * @param tries calls this worker has made to this candidate for the dispatch, 1 or more
   * @param candidatesLeft candidates of the plan behind this one
   * @param advice what the provider said about trying again
   * @param budget what is left for retries; a step onward takes nothing from it
   * @param jitter uniform in [0, 1)
   */
  public Step after(
      Reason reason,
      int tries,
      int candidatesLeft,
      Advice advice,
      RetryBudget budget,
      Instant deadlineAt,
      Instant now,
      double jitter) {
    boolean again =
        switch (advice.wish()) {
          case TRY_AGAIN -> true;
          case LEAVE_IT -> false;
          case UNSAID -> reason.retryable();
        };
    if (again
        && retrying.decide(tries, advice.retryAfter(), budget, deadlineAt, now, jitter)
            instanceof Retrying.Decision.Again(Duration delay)) {
      return new Step.Again(delay);
    }
    boolean onward = candidatesLeft > 0 && now.isBefore(deadlineAt) && elsewhere(reason);
    return onward ? new Step.Onward() : new Step.Stop();
  }

  /** Whether another candidate may succeed where this one failed. */
  private static boolean elsewhere(Reason reason) {
    return switch (reason) {
      case RATE_LIMITED,
          QUOTA_EXHAUSTED,
          PROVIDER_OVERLOADED,
          PROVIDER_SUSPENDED,
          CONTEXT_TOO_LONG,
          UNSUPPORTED,
          PROVIDER_ERROR,
          PROVIDER_UNREACHABLE,
          PROVIDER_TIMEOUT,
          PROVIDER_UNAUTHORIZED,
          MODEL_NOT_FOUND,
          ANSWER_TRUNCATED,
          ANSWER_GARBLED ->
          true;
      // The request is at fault, or the answer it asks for: so it would be with anyone.
      case PROVIDER_REJECTED, ANSWER_TOO_LARGE -> false;
      case MALFORMED_JSON,
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
          WITHDRAWN,
          UNAVAILABLE,
          OVERLOADED,
          DEADLINE_EXCEEDED,
          WORKERS_LOST,
          INTERNAL_ERROR ->
          false;
    };
  }
}
