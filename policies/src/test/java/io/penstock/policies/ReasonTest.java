package io.penstock.policies;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Failure;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReasonTest {
  /** Clients and dashboards hold on to these: add to them, never change one. */
  @Test
  void codesAreNeverRenamed() {
    assertThat(Arrays.stream(Reason.values()).map(Reason::code))
        .contains(
            "malformed_json",
            "unknown_field",
            "missing_field",
            "wrong_type",
            "invalid_value",
            "empty_prompt",
            "prompt_too_large",
            "unknown_lane",
            "unknown_model",
            "invalid_deadline",
            "body_too_large",
            "unauthorized",
            "not_found",
            "method_not_allowed",
            "idempotency_key_reused",
            "not_cached",
            "budget_exhausted",
            "budget_busy",
            "withdrawn",
            "provider_suspended",
            "context_too_long",
            "unsupported",
            "unavailable",
            "deadline_exceeded",
            "workers_lost",
            "internal_error",
            "rate_limited",
            "quota_exhausted",
            "provider_overloaded",
            "provider_error",
            "provider_unreachable",
            "provider_timeout",
            "answer_truncated",
            "answer_garbled",
            "answer_too_large",
            "provider_rejected",
            "provider_unauthorized",
            "model_not_found");
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void aReasonIsFoundByItsCode(Reason reason) {
    assertThat(Reason.ofCode(reason.code())).contains(reason);
  }

  @Test
  void anotherReleasesCodeIsNoReason() {
    assertThat(Reason.ofCode("from_the_future")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void aFailureSaysWhetherToTryAgain(Reason reason) {
    assertThat(reason.because("so", "field"))
        .isEqualTo(new Failure(reason.code(), "so", "field", reason.retryable(), null, null));
    assertThat(reason.because("so").getField()).isNull();
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void onlyACallThatMayHaveProducedTokensIsPossiblyBilled(Reason reason) {
    boolean called =
        switch (reason) {
          case INTERNAL_ERROR,
              WITHDRAWN,
              PROVIDER_TIMEOUT,
              ANSWER_TRUNCATED,
              ANSWER_GARBLED,
              ANSWER_TOO_LARGE ->
              true;
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
              PROVIDER_SUSPENDED,
              CONTEXT_TOO_LONG,
              UNSUPPORTED,
              UNAVAILABLE,
              OVERLOADED,
              DEADLINE_EXCEEDED,
              WORKERS_LOST,
              RATE_LIMITED,
              QUOTA_EXHAUSTED,
              PROVIDER_OVERLOADED,
              PROVIDER_ERROR,
              PROVIDER_UNREACHABLE,
              BATCH_UNANSWERED,
              PROVIDER_REJECTED,
              PROVIDER_UNAUTHORIZED,
              MODEL_NOT_FOUND ->
              false;
        };

    assertThat(reason.possiblyBilled()).isEqualTo(called);
  }
}
