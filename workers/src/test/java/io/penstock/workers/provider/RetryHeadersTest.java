package io.penstock.workers.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.calling.Advice;
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
    assertThat(RetryHeaders.read(Headers.of(name, value), NOW).retryAfter())
        .isEqualTo(millis == null ? null : Duration.ofMillis(millis));
  }

  @Test
  void theExactWaitGoesFirst() {
    var headers = Headers.of("retry-after", "1", "retry-after-ms", "30");
    assertThat(RetryHeaders.read(headers, NOW).retryAfter()).isEqualTo(Duration.ofMillis(30));
  }

  @ParameterizedTest(name = "x-should-retry {0}: {1}")
  @CsvSource({"true, TRY_AGAIN", "false, LEAVE_IT", "maybe, UNSAID"})
  void theProvidersWishIsRead(String value, Advice.Wish wish) {
    assertThat(RetryHeaders.read(Headers.of("x-should-retry", value), NOW).wish()).isEqualTo(wish);
    assertThat(RetryHeaders.read(Headers.of("other", value), NOW)).isEqualTo(Advice.NONE);
  }
}
