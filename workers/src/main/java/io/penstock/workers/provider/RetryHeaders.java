package io.penstock.workers.provider;

import io.penstock.policies.calling.Advice;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.Stream;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/**
 * What headers say about trying again: {@code retry-after-ms}, {@code retry-after} in seconds or as
 * an HTTP date, {@code x-should-retry}; where there is none, when the limits that are used up will
 * be reset (docs/measurements.md, Providers §1.4, §2.3).
 */
final class RetryHeaders {
  private static final int MILLIS = 3; // decimals from seconds to milliseconds

  /** What lies further ahead is no time that somebody meant. */
  static final Duration LONGEST = Duration.ofDays(365);

  private static final BigDecimal LONGEST_MS = BigDecimal.valueOf(LONGEST.toMillis());

  private RetryHeaders() {}

  static Advice read(Headers headers, Traits.RateHeaders style, Instant now) {
    Duration wait = retryAfter(headers, now);
    return new Advice(
        wait == null ? reset(headers, style, now) : wait, wish(headers.get("x-should-retry")));
  }

  /** The longest wait for a limit of which nothing remains. */
  private static @Nullable Duration reset(Headers headers, Traits.RateHeaders style, Instant now) {
    return switch (style) {
      case OPENAI ->
          Stream.of("requests", "tokens", "project-tokens")
              .filter(what -> none(headers.get("x-ratelimit-remaining-" + what)))
              .map(what -> headers.get("x-ratelimit-reset-" + what))
              .filter(Objects::nonNull)
              .map(Durations::parse)
              .filter(wait -> wait != null && wait.isPositive())
              .max(Comparator.naturalOrder())
              .orElse(null);
      case ANTHROPIC ->
          Stream.of("requests", "tokens", "input-tokens", "output-tokens")
              .filter(what -> none(headers.get("anthropic-ratelimit-" + what + "-remaining")))
              .map(what -> instant(headers.get("anthropic-ratelimit-" + what + "-reset")))
              .filter(then -> then != null && then.isAfter(now))
              .map(then -> Duration.between(now, then))
              .max(Comparator.naturalOrder())
              .orElse(null);
      case NONE -> null;
    };
  }

  private static boolean none(@Nullable String remaining) {
    return "0".equals(remaining);
  }

  private static @Nullable Instant instant(@Nullable String value) {
    try {
      return value == null ? null : Instant.parse(value.strip());
    } catch (DateTimeParseException e) {
      return null;
    }
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
