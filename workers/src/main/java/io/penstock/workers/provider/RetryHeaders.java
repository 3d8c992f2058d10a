package io.penstock.workers.provider;

import io.penstock.policies.calling.Advice;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/**
 * What headers say about trying again: {@code retry-after-ms}, {@code retry-after} in seconds or as
 * an HTTP date, {@code x-should-retry} (docs/measurements.md, Providers §1.4).
 */
final class RetryHeaders {
  private static final int MILLIS = 3; // decimals from seconds to milliseconds
  private static final BigDecimal LONGEST_MS = BigDecimal.valueOf(Duration.ofDays(365).toMillis());

  private RetryHeaders() {}

  static Advice read(Headers headers, Instant now) {
    return new Advice(retryAfter(headers, now), wish(headers.get("x-should-retry")));
  }

  private static Advice.Wish wish(@Nullable String shouldRetry) {
    return switch (shouldRetry) {
      case "true" -> Advice.Wish.TRY_AGAIN;
      case "false" -> Advice.Wish.LEAVE_IT;
      case null, default -> Advice.Wish.UNSAID;
    };
  }

  private static @Nullable Duration retryAfter(Headers headers, Instant now) {
    Duration exact = number(headers.get("retry-after-ms"), 0);
    if (exact != null) {
      return exact;
    }
    String retryAfter = headers.get("retry-after");
    Duration seconds = number(retryAfter, MILLIS);
    return seconds == null ? until(retryAfter, now) : seconds;
  }

  private static @Nullable Duration number(@Nullable String value, int decimals) {
    if (value == null || value.length() > 20) {
      return null;
    }
    try {
      BigDecimal millis = new BigDecimal(value.strip()).movePointRight(decimals);
      boolean usable = millis.signum() >= 0 && millis.compareTo(LONGEST_MS) <= 0;
      return usable ? Duration.ofMillis(millis.longValue()) : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static @Nullable Duration until(@Nullable String value, Instant now) {
    if (value == null) {
      return null;
    }
    try {
      Instant then = DateTimeFormatter.RFC_1123_DATE_TIME.parse(value.strip(), Instant::from);
      return then.isAfter(now) ? Duration.between(now, then) : null;
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
