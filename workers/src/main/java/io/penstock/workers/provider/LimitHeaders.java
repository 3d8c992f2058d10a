package io.penstock.workers.provider;

import io.penstock.policies.calling.Allowance;
import io.penstock.policies.calling.Quota;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/**
 * What the headers of an answer, or of a refusal, say of what the provider would still take
 * (docs/measurements.md, Providers §1.4, §2.3). What cannot be read was not said.
 */
final class LimitHeaders {
  private static final Pattern COUNT = Pattern.compile("\\d{1,12}");
  private static final Pattern SECONDS = Pattern.compile("\\d{1,6}(\\.\\d{1,9})?");

  private LimitHeaders() {}

  /**
   * @param at when the call was sent: providers count it when it comes, however long it takes
   */
  static Allowance read(Headers headers, Traits.RateHeaders style, Instant at) {
    return switch (style) {
      case OPENAI ->
          new Allowance(
              openAi(headers, "requests", at),
              tightest(Stream.of("tokens", "project-tokens").map(w -> openAi(headers, w, at))));
      case ANTHROPIC ->
          new Allowance(
              anthropic(headers, "requests", at),
              // What a call will take of the others is not known before it has answered.
              first(Stream.of("input-tokens", "tokens").map(w -> anthropic(headers, w, at))));
      case NONE -> Allowance.UNKNOWN;
    };
  }

  private static Quota openAi(Headers headers, String what, Instant at) {
    return quota(
        headers.get("x-ratelimit-limit-" + what),
        headers.get("x-ratelimit-remaining-" + what),
        headers.get("x-ratelimit-reset-" + what),
        at);
  }

  private static Quota anthropic(Headers headers, String what, Instant at) {
    String name = "anthropic-ratelimit-" + what;
    return quota(
        headers.get(name + "-limit"),
        headers.get(name + "-remaining"),
        headers.get(name + "-reset"),
        at);
  }

  private static Quota quota(
      @Nullable String limit, @Nullable String left, @Nullable String reset, Instant at) {
    return Quota.told(count(limit), count(left), reset(reset, at), at);
  }

  /** Of several bounds on tokens the one that will be met first. */
  private static Quota tightest(Stream<Quota> quotas) {
    return quotas
        .filter(quota -> quota.left() != null)
        .min(Comparator.comparing(Quota::left))
        .orElse(Quota.UNKNOWN);
  }

  private static Quota first(Stream<Quota> quotas) {
    return quotas.filter(quota -> quota.left() != null).findFirst().orElse(Quota.UNKNOWN);
  }

  private static @Nullable Long count(@Nullable String value) {
    return value == null || !COUNT.matcher(value.strip()).matches()
        ? null
        : Long.valueOf(value.strip());
  }

  /** A duration, a time, or seconds, as some of those that copy OpenAI write. */
  private static @Nullable Instant reset(@Nullable String value, Instant at) {
    if (value == null) {
      return null;
    }
    String text = value.strip();
    Duration duration = Durations.parse(SECONDS.matcher(text).matches() ? text + "s" : text);
    if (duration != null) {
      return duration.compareTo(RetryHeaders.LONGEST) > 0 ? null : at.plus(duration);
    }
    try {
      Instant then = Instant.parse(text);
      return then.isAfter(at.plus(RetryHeaders.LONGEST)) ? null : then;
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
