package io.penstock.ingress;

import io.penstock.ingress.json.Reading;
import io.penstock.policies.Reason;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How long the sender of a batch wants to wait: seconds, or a number and a unit. Whoever says only
 * that it wants to wait does so for as long as may be.
 */
final class WaitParameter {
  static final String NAME = "wait";
  private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m|h)?");

  private WaitParameter() {}

  /** Zero when the sender does not want to wait; never more than {@code longest}. */
  static Reading<Duration> of(@Nullable String value, Duration longest) {
    if (value == null) {
      return new Reading.Read<>(Duration.ZERO);
    }
    switch (value) {
      case "", "true" -> {
        return new Reading.Read<>(longest);
      }
      case "false" -> {
        return new Reading.Read<>(Duration.ZERO);
      }
      default -> {}
    }
    Matcher form = FORM.matcher(value);
    if (!form.matches()) {
      return new Reading.Refused<>(
          Reason.INVALID_VALUE.because(
              "wait is a number of seconds, or one with the unit ms, s, m or h, such as 30s; or true",
              NAME));
    }
    long number = Long.parseLong(form.group(1));
    Duration asked =
        switch (form.group(2)) {
          case "ms" -> Duration.ofMillis(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          case null, default -> Duration.ofSeconds(number);
        };
    return new Reading.Read<>(asked.compareTo(longest) < 0 ? asked : longest);
  }
}
