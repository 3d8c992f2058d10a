package io.penstock.ingress.face;

import io.penstock.policies.Reason;

/** The one place where reasons become HTTP status codes. */
public final class HttpStatuses {
  public static final int OK = 200;
  public static final int ACCEPTED = 202;
  public static final int UNAVAILABLE = 503;

  /** As nginx calls it: the caller left; nobody is there to read it. */
  public static final int LEFT = 499;

  private HttpStatuses() {}

  public static int of(Reason reason) {
    return switch (reason) {
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
          CONTEXT_TOO_LONG,
          UNSUPPORTED ->
          400;
      case UNAUTHORIZED -> 401;
      case BUDGET_EXHAUSTED, PRICE_UNKNOWN -> 402;
      case NOT_FOUND -> 404;
      case METHOD_NOT_ALLOWED -> 405;
      case BODY_TOO_LARGE -> 413;
      case IDEMPOTENCY_KEY_REUSED -> 422;
      case RATE_LIMITED, QUOTA_EXHAUSTED, BUDGET_BUSY -> 429;
      case WITHDRAWN -> LEFT;
      case INTERNAL_ERROR -> 500;
      // The provider could not, or would not, do its part.
      case PROVIDER_ERROR,
          PROVIDER_UNREACHABLE,
          BATCH_UNANSWERED,
          PROVIDER_REJECTED,
          PROVIDER_UNAUTHORIZED,
          MODEL_NOT_FOUND,
          ANSWER_TRUNCATED,
          ANSWER_GARBLED,
          ANSWER_TOO_LARGE ->
          502;
      case UNAVAILABLE, OVERLOADED, WORKERS_LOST, PROVIDER_OVERLOADED, PROVIDER_SUSPENDED ->
          UNAVAILABLE;
      case DEADLINE_EXCEEDED, PROVIDER_TIMEOUT, NOT_CACHED -> 504;
    };
  }

  /** Whether a caller should be told when to come back. */
  public static boolean passing(int status) {
    return status == 429 || status == UNAVAILABLE;
  }
}
