package io.penstock.ingress.json;

import io.penstock.policies.Reason;
import io.penstock.schemas.avro.CacheControl;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a caller says what our caches may do for it: as HTTP's {@code Cache-Control} does, and {@code
 * off} for an answer of one's own.
 *
 * @param off neither cached nor shared
 */
public record CacheDirectives(boolean off, @Nullable CacheControl control) {
  private static final Pattern MAX_AGE = Pattern.compile("max-age=\"?(\\d{1,12})\"?");

  /**
   * @param where the header or field that says it
   */
  public static Reading<CacheDirectives> read(String text, String where) {
    boolean off = false;
    boolean noCache = false;
    boolean noStore = false;
    boolean onlyIfCached = false;
    Long maxAgeMs = null;
    for (String directive : text.split(",", -1)) {
      String word = directive.strip().toLowerCase(Locale.ROOT);
      Matcher maxAge = MAX_AGE.matcher(word);
      switch (word) {
        case "off" -> off = true;
        case "no-cache" -> noCache = true;
        case "no-store" -> noStore = true;
        case "only-if-cached" -> onlyIfCached = true;
        default -> {
          if (!maxAge.matches()) {
            return refused(
                where
                    + " knows off, no-cache, no-store, only-if-cached and max-age=seconds; it was \""
                    + Faults.excerpt(text)
                    + "\"",
                where);
          }
          maxAgeMs = Duration.ofSeconds(Long.parseLong(maxAge.group(1))).toMillis();
        }
      }
    }
    if (onlyIfCached && (off || noCache)) {
      return refused(
          where
              + " is \""
              + Faults.excerpt(text)
              + "\": nothing can be both cached and anew: leave one of them out",
          where);
    }
    boolean says = noCache || noStore || onlyIfCached || maxAgeMs != null;
    return new Reading.Read<>(
        new CacheDirectives(
            off, says ? new CacheControl(maxAgeMs, noCache, noStore, onlyIfCached) : null));
  }

  private static Reading<CacheDirectives> refused(String message, String where) {
    return new Reading.Refused<>(Reason.INVALID_VALUE.because(message, where));
  }
}
