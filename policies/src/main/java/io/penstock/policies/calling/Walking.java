package io.penstock.policies.calling;

import io.penstock.policies.Reason;
import io.penstock.schemas.Tokens;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

    /**
     * Call the same candidate again after the wait that it asked for: that is its pace, not a
     * retry, and counts as none.
     */
    record Wait(Duration delay) implements Step {}

    /** Call the next candidate at once. */
    record Onward() implements Step {}

    /** The failure stands. */
    record Stop() implements Step {}
  }

  /**
   * What a candidate has cost in calls.
   *
   * @param calls made to it by this worker for the dispatch that were no waits, 1 or more
   * @param waits how often it has asked to be waited for
   */
  public record Tries(int calls, int waits) {
    public static final Tries FIRST = new Tries(1, 0);

    /** After one more step to the same candidate. */
    public Tries after(Step step) {
      return step instanceof Step.Wait ? new Tries(calls, waits + 1) : new Tries(calls + 1, waits);
    }
  }

  /**
   * Decides after a failure.
   *
   * @param tries what this candidate has had, this call included
   * @param candidatesLeft candidates of the plan behind this one
   * @param advice what the provider said about trying again
   * @param handedOn whether a piece of an answer has gone to the requester already: what another
   *     attempt says would not continue it, so the failure stands
   * @param budget what is left for retries; a step onward takes nothing from it
   * @param jitter uniform in [0, 1)
   */
  public Step after(
      Reason reason,
      Tries tries,
      int candidatesLeft,
      Advice advice,
      boolean handedOn,
      RetryBudget budget,
      Instant deadlineAt,
      Instant now,
      double jitter) {
    if (handedOn) {
      return new Step.Stop();
    }
    boolean again =
        switch (advice.wish()) {
          case TRY_AGAIN -> true;
          case LEAVE_IT -> false;
          case UNSAID -> reason.retryable();
        };
    boolean onward = candidatesLeft > 0 && now.isBefore(deadlineAt) && elsewhere(reason);
    if (onward && reason == Reason.PROVIDER_SUSPENDED) {
      return new Step.Onward();
    }
    if (again && paces(reason)) {
      Optional<Duration> wait =
          retrying.pace(tries.waits(), advice.retryAfter(), deadlineAt, now, jitter);
      if (wait.isPresent()) {
        return new Step.Wait(wait.get());
      }
    }
    if (again
        && retrying.decide(tries.calls(), advice.retryAfter(), budget, deadlineAt, now, jitter)
            instanceof Retrying.Decision.Again(Duration delay)) {
      return new Step.Again(delay);
    }
    return onward ? new Step.Onward() : new Step.Stop();
  }

  /**
   * Whether a failed call may have cost money. Where a budget must hold that ends the walk: what
   * was set aside is for one such call, and whoever keeps the money decides about another.
   *
   * @param usage tokens as the provider reported them
   * @param counted our own count of what was sent and received
   */
  public static boolean mayHaveCost(
      Reason reason, @Nullable Tokens usage, @Nullable Tokens counted) {
    if (usage != null) {
      return usage.totalInput() + usage.output() > 0;
    }
    if (counted != null && counted.totalInput() + counted.output() == 0) {
      return false; // Nothing had left.
    }
    return reason.possiblyBilled() || (counted != null && counted.output() > 0);
  }

  /** Whether a failure only means: not so fast. */
  private static boolean paces(Reason reason) {
    return reason == Reason.RATE_LIMITED || reason == Reason.PROVIDER_SUSPENDED;
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
          BATCH_UNANSWERED,
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
