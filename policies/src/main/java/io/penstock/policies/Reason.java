package io.penstock.policies;

import io.penstock.schemas.avro.Failure;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The stable reason codes of everything that can end a request without an answer. Clients and
 * metrics see {@link #code()}; codes are never renamed.
 */
public enum Reason {
  // The request itself.
  MALFORMED_JSON(Retry.NO, Bill.NEVER),
  UNKNOWN_FIELD(Retry.NO, Bill.NEVER),
  MISSING_FIELD(Retry.NO, Bill.NEVER),
  WRONG_TYPE(Retry.NO, Bill.NEVER),
  INVALID_VALUE(Retry.NO, Bill.NEVER),
  EMPTY_PROMPT(Retry.NO, Bill.NEVER),
  PROMPT_TOO_LARGE(Retry.NO, Bill.NEVER),
  UNKNOWN_LANE(Retry.NO, Bill.NEVER),
  UNKNOWN_MODEL(Retry.NO, Bill.NEVER),
  INVALID_DEADLINE(Retry.NO, Bill.NEVER),
  BODY_TOO_LARGE(Retry.NO, Bill.NEVER),
  UNAUTHORIZED(Retry.NO, Bill.NEVER),
  NOT_FOUND(Retry.NO, Bill.NEVER),
  METHOD_NOT_ALLOWED(Retry.NO, Bill.NEVER),
  IDEMPOTENCY_KEY_REUSED(Retry.NO, Bill.NEVER),
  NOT_CACHED(Retry.NO, Bill.NEVER),
  BUDGET_EXHAUSTED(Retry.NO, Bill.NEVER),
  BUDGET_BUSY(Retry.YES, Bill.NEVER),
  // A budget must hold, and nobody can tell what the call would cost.
  PRICE_UNKNOWN(Retry.NO, Bill.NEVER),
  // Whoever asked no longer wants the answer; a call may have been made for it.
  WITHDRAWN(Retry.NO, Bill.POSSIBLY),

  // The engine.
  UNAVAILABLE(Retry.YES, Bill.NEVER),
  OVERLOADED(Retry.YES, Bill.NEVER),
  DEADLINE_EXCEEDED(Retry.YES, Bill.NEVER),
  WORKERS_LOST(Retry.YES, Bill.NEVER),
  // A bug of ours may come to light after a call was paid for.
  INTERNAL_ERROR(Retry.YES, Bill.POSSIBLY),

  // The provider: docs/measurements.md, Providers §1.4 and §2.3.
  RATE_LIMITED(Retry.YES, Bill.NEVER),
  QUOTA_EXHAUSTED(Retry.NO, Bill.NEVER),
  PROVIDER_OVERLOADED(Retry.YES, Bill.NEVER),
  // Not called, because it has failed too often of late.
  PROVIDER_SUSPENDED(Retry.YES, Bill.NEVER),
  PROVIDER_ERROR(Retry.YES, Bill.NEVER),
  PROVIDER_UNREACHABLE(Retry.YES, Bill.NEVER),
  PROVIDER_TIMEOUT(Retry.YES, Bill.POSSIBLY),
  // It was in a batch that ended before its turn.
  BATCH_UNANSWERED(Retry.YES, Bill.NEVER),
  ANSWER_TRUNCATED(Retry.YES, Bill.POSSIBLY),
  ANSWER_GARBLED(Retry.YES, Bill.POSSIBLY),
  ANSWER_TOO_LARGE(Retry.NO, Bill.POSSIBLY),
  PROVIDER_REJECTED(Retry.NO, Bill.NEVER),
  CONTEXT_TOO_LONG(Retry.NO, Bill.NEVER),
  // Nothing was sent: this provider's API has no words for a part of the request.
  UNSUPPORTED(Retry.NO, Bill.NEVER),
  PROVIDER_UNAUTHORIZED(Retry.NO, Bill.NEVER),
  MODEL_NOT_FOUND(Retry.NO, Bill.NEVER);

  private enum Retry {
    YES,
    NO
  }

  private enum Bill {
    NEVER,
    POSSIBLY
  }

  private static final Map<String, Reason> BY_CODE =
      Arrays.stream(values()).collect(Collectors.toMap(Reason::code, Function.identity()));

  private final Retry retry;
  private final Bill bill;
  private final String code;

  Reason(Retry retry, Bill bill) {
    this.retry = retry;
    this.bill = bill;
    this.code = name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Reason> ofCode(String code) {
    return Optional.ofNullable(BY_CODE.get(code));
  }

  /** The code clients see, in snake case. */
  public String code() {
    return code;
  }

  /** Whether the same request may succeed later. */
  public boolean retryable() {
    return retry == Retry.YES;
  }

  /** Whether a provider may charge for a call that ended this way, though it reported no usage. */
  public boolean possiblyBilled() {
    return bill == Bill.POSSIBLY;
  }

  /** A failure for this reason that is no single field's fault. */
  public Failure because(String message) {
    return because(message, null);
  }

  /** A failure for this reason, at {@code field} of the request. */
  public Failure because(String message, @Nullable String field) {
    return new Failure(code, message, field, retryable(), null, null);
  }
}
