package io.penstock.ingress.batches;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long a batch may take: OpenAI knows 24h only, we anything up to that. */
final class CompletionWindow {
  static final Duration LONGEST = Duration.ofHours(24);
  private static final Pattern FORM = Pattern.compile("(\\d{1,6})([smh])");

  private CompletionWindow() {}

  /** Empty when it is none. */
  static Optional<Duration> of(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(form.group(1));
    Duration window =
        switch (form.group(2)) {
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          default -> Duration.ofHours(number);
        };
    return Optional.of(window).filter(w -> w.isPositive() && w.compareTo(LONGEST) <= 0);
  }
}
