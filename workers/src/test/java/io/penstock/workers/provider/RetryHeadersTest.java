package io.penstock.workers.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.calling.Advice;
import io.penstock.workers.provider.Traits.RateHeaders;
import java.time.Duration;
import java.time.Instant;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryHeadersTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  @ParameterizedTest(name = "{0}: {1} is {2} ms")
  @CsvSource(
      delimiter = ';',
      nullValues = "none",
      value = {
        "retry-after;    7;      7000",
        "Retry-After;    1.5;    1500",
        "retry-after;    0;      0",
        "retry-after;    Tue, 24 Nov 2026 12:00:30 GMT; 30000",
        "retry-after;    Tue, 24 Nov 2026 11:59:30 GMT; none",
        "retry-after-ms; 250;    250",
        "retry-after-ms; 250.9;  250",
        "retry-after;    -1;     none",
        "retry-after;    soon;   none",
        "retry-after;    1e400;  none",
        "retry-after;    99999999999999999999999999; none",
        "retry-after;    ' ';    none",
        "other;          7;      none",
      })
  void theWaitIsReadInEveryForm(String name, String value, @Nullable Long millis) {
    assertThat(RetryHeaders.read(Headers.of(name, value), RateHeaders.OPENAI, NOW).retryAfter())
        .isEqualTo(millis == null ? null : Duration.ofMillis(millis));
  }

  @Test
  void theExactWaitGoesFirst() {
    var headers = Headers.of("retry-after", "1", "retry-after-ms", "30");
    assertThat(RetryHeaders.read(headers, RateHeaders.OPENAI, NOW).retryAfter())
        .isEqualTo(Duration.ofMillis(30));
  }

  @ParameterizedTest(name = "x-should-retry {0}: {1}")
  @CsvSource({"true, TRY_AGAIN", "false, LEAVE_IT", "maybe, UNSAID"})
  void theProvidersWishIsRead(String value, Advice.Wish wish) {
    assertThat(RetryHeaders.read(Headers.of("x-should-retry", value), RateHeaders.NONE, NOW).wish())
        .isEqualTo(wish);
    assertThat(RetryHeaders.read(Headers.of("other", value), RateHeaders.NONE, NOW))
        .isEqualTo(Advice.NONE);
  }

  @ParameterizedTest(name = "{0}, {1}, {2}, {3}: {4} ms")
  @CsvSource(
      nullValues = "none",
      value = {
        "OPENAI, x-ratelimit-remaining-requests, 0, x-ratelimit-reset-requests=6m0s, 360000",
        "OPENAI, x-ratelimit-remaining-tokens, 0, x-ratelimit-reset-tokens=20ms, 20",
        "OPENAI, x-ratelimit-remaining-tokens, 0, x-ratelimit-reset-tokens=1.5s, 1500",
        "OPENAI, x-ratelimit-remaining-tokens, 7, x-ratelimit-reset-tokens=1s, none",
        "OPENAI, x-ratelimit-remaining-tokens, -1, x-ratelimit-reset-tokens=1s, none",
        "OPENAI, x-ratelimit-remaining-tokens, 0, x-ratelimit-reset-tokens=soon, none",
        "NONE, x-ratelimit-remaining-tokens, 0, x-ratelimit-reset-tokens=1s, none",
        "ANTHROPIC, anthropic-ratelimit-tokens-remaining, 0, anthropic-ratelimit-tokens-reset=2026-11-24T12:00:07Z, 7000",
        "ANTHROPIC, anthropic-ratelimit-tokens-remaining, 0, anthropic-ratelimit-tokens-reset=2026-11-24T11:00:07Z, none",
      })
  void withoutAWaitTheLimitThatIsUsedUpTells(
      RateHeaders style, String name, String value, String reset, @Nullable Long millis) {
    var told = reset.split("=", 2);
    var headers = Headers.of(name, value, told[0], told[1]);
    assertThat(RetryHeaders.read(headers, style, NOW).retryAfter())
        .isEqualTo(millis == null ? null : Duration.ofMillis(millis));
  }
}
