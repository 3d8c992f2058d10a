package io.penstock.policies.prefix;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How often something was asked for of late: a count that decays with the lifetime of a cache
 * entry. Under a steady stream of requests it is their number within one lifetime, which is the
 * number of reads to be expected of a write, as each read keeps the entry alive.
 *
 * @param count of the uses until {@code at}, the older ones counting less
 * @param at the latest use
 */
public record Reuse(double count, Instant at) {
  /** One more use. */
  public static Reuse after(@Nullable Reuse before, Duration life, Instant now) {
    return new Reuse(1 + expected(before, life, now), now);
  }

  /** Of the others, for one of those who were counted. */
  static @Nullable Reuse less(@Nullable Reuse reuse) {
    return reuse == null ? null : new Reuse(Math.max(0, reuse.count - 1), reuse.at);
  }

  /** Uses to be expected within a lifetime from now; none of what was never used. */
  public static double expected(@Nullable Reuse reuse, Duration life, Instant now) {
    if (reuse == null) {
      return 0;
    }
    Duration passed = Duration.between(reuse.at, now);
    return passed.isNegative()
        ? reuse.count
        : reuse.count * Math.exp(-(double) passed.toMillis() / life.toMillis());
  }
}
