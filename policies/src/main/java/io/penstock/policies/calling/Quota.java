package io.penstock.policies.calling;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One limit of a provider as it last told it, less what was sent since. Providers fill their limits
 * up little by little, and tell when they will be full (docs/measurements.md, Providers §1.4,
 * §2.3); so where the limit itself was told, what is left grows with time.
 *
 * @param limit what it takes at most; null when it did not say
 * @param left what it would take at {@code at}; null when it did not say, which is not zero. Below
 *     zero when more was sent than it said
 * @param told what it would have taken at {@code at} before anything was sent
 * @param resetAt when it is full again; null when it did not say
 * @param at when it said so
 */
public record Quota(
    @Nullable Long limit,
    @Nullable Long left,
    @Nullable Long told,
    @Nullable Instant resetAt,
    Instant at) {
  public static final Quota UNKNOWN = new Quota(null, null, null, null, Instant.EPOCH);

  private static final double FAR_MS = Duration.ofDays(365).toMillis();

  /** As a provider told it at {@code at}; what makes no sense counts as not said. */
  public static Quota told(
      @Nullable Long limit, @Nullable Long left, @Nullable Instant resetAt, Instant at) {
    if (left == null || left < 0) {
      return UNKNOWN; // Some send -1 for what they do not know.
    }
    Long most = limit == null || limit < 1 || limit < left ? null : limit;
    return new Quota(most, left, left, resetAt, at);
  }

  /** Once so much has been sent. */
  Quota less(long sent) {
    return left == null ? this : new Quota(limit, left - sent, told, resetAt, at);
  }

  /** What is left at {@code now}; null when that is unknown. */
  public @Nullable Long left(Instant now) {
    if (left == null) {
      return null;
    }
    double grown = left + perSecond() * Math.max(0, seconds(Duration.between(at, now)));
    return (long) Math.floor(limit == null ? grown : Math.min(limit, grown));
  }

  /** How long until {@code wanted} is left. More than the limit never is: then until it is full. */
  Duration hold(long wanted, Instant now) {
    Long there = left(now);
    if (there == null || left == null || resetAt == null) {
      return Duration.ZERO;
    }
    long needed = Math.max(1, limit == null ? wanted : Math.min(wanted, limit));
    if (there >= needed) {
      return Duration.ZERO;
    }
    double rate = perSecond();
    Instant then =
        rate > 0
            ? at.plusMillis((long) Math.min(FAR_MS, Math.ceil((needed - left) / rate * 1000)))
            : resetAt;
    return then.isAfter(now) ? Duration.between(now, then) : Duration.ZERO;
  }

  /**
   * Whether it held calls back until a reset that has passed, and nobody knows what is left now.
   */
  boolean passed(long wanted, Instant now) {
    return left != null
        && left < Math.max(1, wanted)
        && resetAt != null
        && !resetAt.isAfter(now)
        && perSecond() == 0;
  }

  /** Not to be believed beyond {@code latest}. */
  Quota until(Instant latest) {
    return resetAt == null || !resetAt.isAfter(latest)
        ? this
        : new Quota(null, left, told, latest, at);
  }

  private double perSecond() {
    if (limit == null || told == null || resetAt == null || !resetAt.isAfter(at)) {
      return 0;
    }
    return (limit - told) / seconds(Duration.between(at, resetAt));
  }

  private static double seconds(Duration length) {
    return length.toMillis() / 1000.0;
  }
}
