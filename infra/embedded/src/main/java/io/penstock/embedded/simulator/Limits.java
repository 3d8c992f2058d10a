package io.penstock.embedded.simulator;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rate limits in force, if any. They come before the faults. For any thread. */
final class Limits {
  private @Nullable Plan plan;
  private long calls;
  private double room;
  private Instant filledAt = Instant.EPOCH;
  private final Map<String, Integer> underWay = new HashMap<>();

  /**
   * How many calls are let through.
   *
   * @param perSecond so many, with as many at once; null where there is no such limit
   * @param everyOther whether every second call is refused, whatever the time
   * @param concurrent so many at a time of each model; null where there is no such limit
   * @param retryAfter the header that a refusal carries, as it stands; empty for none
   */
  record Plan(
      @Nullable BigDecimal perSecond,
      boolean everyOther,
      @Nullable Integer concurrent,
      String retryAfter) {
    /** What is let through at once. */
    long limit() {
      return perSecond == null ? 0 : Math.max(1, perSecond.longValue());
    }
  }

  /**
   * Where a caller stands with a call.
   *
   * @param metered whether there is a limit to tell of; every other call is refused without one
   * @param retryAfter as in {@link Plan}
   */
  record Standing(
      boolean refused,
      boolean metered,
      long limit,
      long remaining,
      Duration untilFull,
      String retryAfter) {}

  synchronized Optional<Plan> plan() {
    return Optional.ofNullable(plan);
  }

  /** Puts a plan in force, or none; it counts calls from here. */
  synchronized void set(@Nullable Plan next) {
    plan = next;
    calls = 0;
    room = next == null ? 0 : next.limit();
    filledAt = Instant.EPOCH;
  }

  /** Judges the next call; empty without a plan. One that is not refused has to {@link #leave}. */
  synchronized Optional<Standing> next(String model, Instant now) {
    Optional<Standing> standing = judge(model, now);
    if (standing.isEmpty() || !standing.get().refused()) {
      underWay.merge(model, 1, Integer::sum);
    }
    return standing;
  }

  private Optional<Standing> judge(String model, Instant now) {
    if (plan == null) {
      return Optional.empty();
    }
    calls++;
    boolean other = plan.everyOther() && calls % 2 == 0;
    boolean crowded =
        plan.concurrent() != null && underWay.getOrDefault(model, 0) >= plan.concurrent();
    boolean full =
        !crowded && plan.perSecond() != null && !take(plan, plan.perSecond().doubleValue(), now);
    return Optional.of(standing(plan, other || crowded || full));
  }

  /** A call has ended. */
  synchronized void leave(String model) {
    underWay.computeIfPresent(model, (_, count) -> count > 1 ? count - 1 : null);
  }

  private boolean take(Plan limited, double perSecond, Instant now) {
    if (filledAt.isBefore(now)) {
      double seconds = filledAt.equals(Instant.EPOCH) ? 0 : seconds(filledAt, now);
      room = Math.min((double) limited.limit(), room + seconds * perSecond);
      filledAt = now;
    }
    if (room < 1) {
      return false;
    }
    room--;
    return true;
  }

  private static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / 1e9;
  }

  private Standing standing(Plan limited, boolean refused) {
    if (limited.perSecond() == null) {
      return new Standing(refused, false, 0, 0, Duration.ZERO, limited.retryAfter());
    }
    double missing = (limited.limit() - room) / limited.perSecond().doubleValue();
    return new Standing(
        refused,
        true,
        limited.limit(),
        refused ? 0 : (long) room,
        Duration.ofMillis((long) Math.ceil(missing * 1_000)),
        limited.retryAfter());
  }
}
