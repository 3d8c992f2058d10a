package io.penstock.workers.provider;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as rate headers and settings write them: {@code 6m0s}, {@code 20ms}, {@code 1.5s}. */
final class Durations {
  private static final Pattern PIECE = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(ms|s|m|h)");
  private static final Pattern WHOLE = Pattern.compile("(?:" + PIECE.pattern() + ")+");
  private static final BigDecimal NANOS_PER_MS = BigDecimal.valueOf(1_000_000);

  private Durations() {}

  /** Null when it is none. */
  static @Nullable Duration parse(String text) {
    if (text.length() > 40 || !WHOLE.matcher(text).matches()) {
      return null;
    }
    BigDecimal nanos = BigDecimal.ZERO;
    Matcher piece = PIECE.matcher(text);
    while (piece.find()) {
      nanos = nanos.add(new BigDecimal(piece.group(1)).multiply(unit(piece.group(2))));
    }
    return nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0
        ? null
        : Duration.ofNanos(nanos.longValue());
  }

  static Duration required(String text) {
    Duration duration = parse(text);
    if (duration == null || !duration.isPositive()) {
      throw new IllegalArgumentException("\"" + text + "\" is no duration: write 500ms, 5s or 15m");
    }
    return duration;
  }

  private static BigDecimal unit(String name) {
    long millis =
        switch (name) {
          case "ms" -> 1;
          case "s" -> 1000;
          case "m" -> 60_000;
          default -> 3_600_000;
        };
    return NANOS_PER_MS.multiply(BigDecimal.valueOf(millis));
  }
}
