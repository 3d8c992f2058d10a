package io.penstock.ingress;

import io.penstock.ingress.json.CacheDirectives;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.json.Wishes;
import io.penstock.policies.Reason;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.CacheControl;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a caller wants to be answered, where its API has no words for it: headers that begin with
 * {@code x-penstock-}. One that we do not know is a mistake, and so is a value that makes no sense.
 */
final class WishHeaders {
  private static final String PREFIX = "x-penstock-";
  private static final String METADATA = PREFIX + "metadata-";
  private static final String LANE = PREFIX + "lane";
  private static final String DEADLINE = PREFIX + "deadline-ms";
  private static final String CACHE = PREFIX + "cache";
  private static final Pattern MILLIS = Pattern.compile("\\d{1,12}");
  private static final int LONGEST_EXCERPT = 64;

  private @Nullable Lane lane;
  private @Nullable Duration deadline;
  private @Nullable Boolean useCache;
  private @Nullable CacheControl cache;
  private final Map<String, String> metadata = new HashMap<>();
  private @Nullable Failure fault;

  private WishHeaders() {}

  static Reading<Wishes> of(Map<String, String> headers) {
    var wishes = new WishHeaders();
    headers.forEach((name, value) -> {
      String lower = name.toLowerCase(Locale.ROOT);
      if (lower.startsWith(PREFIX)) {
        wishes.read(lower, value.strip());
      }
    });
    return wishes.fault == null
        ? new Reading.Read<>(
            new Wishes(
                wishes.lane, wishes.useCache, wishes.deadline, wishes.cache, wishes.metadata))
        : new Reading.Refused<>(wishes.fault);
  }

  private void read(String name, String value) {
    switch (name) {
      case LANE -> lane = lane(value);
      case DEADLINE -> deadline = deadline(value);
      case CACHE -> {
        switch (CacheDirectives.read(value, CACHE)) {
          case Reading.Refused<CacheDirectives>(Failure failure) -> fault = failure;
          case Reading.Read<CacheDirectives>(CacheDirectives read) -> {
            useCache = read.off() ? Boolean.FALSE : null;
            cache = read.control();
          }
        }
      }
      case String tag when tag.startsWith(METADATA) && tag.length() > METADATA.length() ->
          metadata.put(tag.substring(METADATA.length()), value);
      default ->
          fault =
              Reason.UNKNOWN_FIELD.because(
                  "unknown header "
                      + excerpt(name)
                      + ": there are "
                      + String.join(", ", LANE, DEADLINE, CACHE)
                      + " and "
                      + METADATA
                      + "*",
                  excerpt(name));
    }
  }

  private @Nullable Lane lane(String value) {
    for (Lane known : Lane.values()) {
      if (Topics.word(known).equals(value)) {
        return known;
      }
    }
    fault =
        Reason.UNKNOWN_LANE.because(
            LANE + " is express, standard or batch; it was \"" + excerpt(value) + "\"", LANE);
    return null;
  }

  private @Nullable Duration deadline(String value) {
    if (MILLIS.matcher(value).matches()) {
      return Duration.ofMillis(Long.parseLong(value));
    }
    fault =
        Reason.INVALID_DEADLINE.because(
            DEADLINE
                + " is a whole number of milliseconds between 1 and 24 h; it was \""
                + excerpt(value)
                + "\"",
            DEADLINE);
    return null;
  }

  private static String excerpt(String text) {
    return text.length() <= LONGEST_EXCERPT ? text : text.substring(0, LONGEST_EXCERPT) + "…";
  }
}
