package io.penstock.policies.calling;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The providers' own tables: docs/measurements.md, Providers §1.4 and §2.3. */
class ErrorTableTest {
  @ParameterizedTest(name = "{0} {1} {2} is {3}")
  @CsvSource({
    // OpenAI
    "400, invalid_request_error, , PROVIDER_REJECTED",
    "400, invalid_request_error, context_length_exceeded, CONTEXT_TOO_LONG",
    "401, invalid_request_error, invalid_api_key, PROVIDER_UNAUTHORIZED",
    "403, , unsupported_country_region_territory, PROVIDER_UNAUTHORIZED",
    "404, invalid_request_error, model_not_found, MODEL_NOT_FOUND",
    "408, , , PROVIDER_ERROR",
    "409, , , PROVIDER_ERROR",
    "413, , , PROVIDER_REJECTED",
    "422, , , PROVIDER_REJECTED",
    "429, , , RATE_LIMITED",
    "429, requests, rate_limit_exceeded, RATE_LIMITED",
    "429, insufficient_quota, insufficient_quota, QUOTA_EXHAUSTED",
    "429, insufficient_quota, , QUOTA_EXHAUSTED",
    "429, , insufficient_quota, QUOTA_EXHAUSTED",
    "429, requests, insufficient_quota, QUOTA_EXHAUSTED",
    "429, insufficient_quota, rate_limit_exceeded, QUOTA_EXHAUSTED",
    "429, , credit_balance_exhausted, QUOTA_EXHAUSTED",
    "429, , billing_hard_limit_reached, QUOTA_EXHAUSTED",
    "403, , billing_hard_limit_reached, QUOTA_EXHAUSTED",
    "429, , resource_unavailable, PROVIDER_OVERLOADED",
    "429, , slow_down, PROVIDER_OVERLOADED",
    "503, , slow_down, PROVIDER_OVERLOADED",
    "500, server_error, , PROVIDER_ERROR",
    "502, , , PROVIDER_ERROR",
    "503, , , PROVIDER_OVERLOADED",
    "504, , , PROVIDER_ERROR",
    "599, , , PROVIDER_ERROR",
    // Groq
    "498, , capacity_exceeded, PROVIDER_OVERLOADED",
    "498, , , PROVIDER_OVERLOADED",
    // Anthropic
    "400, invalid_request_error, , PROVIDER_REJECTED",
    "401, authentication_error, , PROVIDER_UNAUTHORIZED",
    "402, billing_error, , QUOTA_EXHAUSTED",
    "402, , , QUOTA_EXHAUSTED",
    "403, permission_error, , PROVIDER_UNAUTHORIZED",
    "404, not_found_error, , MODEL_NOT_FOUND",
    "409, conflict_error, , PROVIDER_ERROR",
    "413, request_too_large, , PROVIDER_REJECTED",
    "429, rate_limit_error, , RATE_LIMITED",
    "500, api_error, , PROVIDER_ERROR",
    "504, timeout_error, , PROVIDER_ERROR",
    "529, overloaded_error, , PROVIDER_OVERLOADED",
    "529, , , PROVIDER_OVERLOADED",
    // An error event after the status was sent has no better one than 200.
    "200, overloaded_error, , PROVIDER_OVERLOADED",
    "200, invalid_request_error, , PROVIDER_REJECTED",
    "200, rate_limit_error, , RATE_LIMITED",
    "200, api_error, , PROVIDER_ERROR",
    "200, , , PROVIDER_ERROR",
    // llama-server
    "400, exceed_context_size_error, 400, CONTEXT_TOO_LONG",
    // Nobody's table
    "302, , , PROVIDER_REJECTED",
    "418, teapot, short_and_stout, PROVIDER_REJECTED"
  })
  void anErrorHasOneReason(int status, String type, String code, Reason reason) {
    assertThat(ErrorTable.reason(said(status, type, code, null), Set.of())).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "RATE_LIMITED, true",
    "QUOTA_EXHAUSTED, false",
    "PROVIDER_OVERLOADED, true",
    "PROVIDER_ERROR, true",
    "PROVIDER_UNREACHABLE, true",
    "PROVIDER_TIMEOUT, true",
    "ANSWER_TRUNCATED, true",
    "ANSWER_GARBLED, true",
    "ANSWER_TOO_LARGE, false",
    "PROVIDER_REJECTED, false",
    "PROVIDER_UNAUTHORIZED, false",
    "MODEL_NOT_FOUND, false"
  })
  void whatCannotPassByItselfIsNotTriedAgain(Reason reason, boolean retryable) {
    assertThat(reason.retryable()).isEqualTo(retryable);
  }

  @ParameterizedTest(name = "{0} {1} is {2}")
  @CsvSource(
      delimiter = ';',
      value = {
        "400; prompt is too long: 210000 tokens > 200000 maximum; CONTEXT_TOO_LONG",
        "400; This model's maximum context length is 4096 tokens. However; CONTEXT_TOO_LONG",
        "400; your prompt is bad; PROVIDER_REJECTED",
        "429; prompt is too long; RATE_LIMITED",
      })
  void whatHasNoNameOfItsOwnIsKnownByItsWords(int status, String message, Reason reason) {
    assertThat(ErrorTable.reason(said(status, "invalid_request_error", null, message), Set.of()))
        .isEqualTo(reason);
  }

  @Test
  void aProviderMayHaveItsOwnWordsForMoney() {
    var broke = said(429, "rate_limit_exceeded", "out_of_coins", null);
    assertThat(ErrorTable.reason(broke, Set.of())).isEqualTo(Reason.RATE_LIMITED);
    assertThat(ErrorTable.reason(broke, Set.of("out_of_coins"))).isEqualTo(Reason.QUOTA_EXHAUSTED);
  }

  private static ErrorTable.Said said(
      int status, @Nullable String type, @Nullable String code, @Nullable String message) {
    return new ErrorTable.Said(status, type, code, message);
  }
}
