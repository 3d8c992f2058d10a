package io.penstock.policies.calling;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a worker tells how it finds a model of a provider.
 *
 * @param notOftener smaller news wait for so long after the last
 * @param confirmed what is in use and has not changed is said again after this long
 * @param idle what has not been used for this long is forgotten
 * @param stale what has not been confirmed for this long is not to be believed: its worker is gone
 */
public record Announcing(Duration notOftener, Duration confirmed, Duration idle, Duration stale) {
  public static final Announcing DEFAULT =
      new Announcing(
          Duration.ofSeconds(1),
          Duration.ofSeconds(30),
          Duration.ofMinutes(10),
          Duration.ofMinutes(2));

  /** What to do now. */
  public enum Step {
    SAY,
    KEEP_QUIET,
    FORGET
  }

  /** How what is to be said differs from what was said last. */
  public enum News {
    /** The breaker has another state: routers go elsewhere, or come back. */
    BREAKER,
    SMALL,
    NONE
  }

  /**
   * Decides for one model.
   *
   * @param saidAt when it was last told of; null for never
   * @param usedAt when it was last called, or was to be called
   */
  public Step step(News news, @Nullable Instant saidAt, Instant usedAt, Instant now) {
    if (saidAt == null || news == News.BREAKER) {
      return Step.SAY;
    }
    if (!usedAt.plus(idle).isAfter(now)) {
      return Step.FORGET;
    }
    Duration wait = news == News.SMALL ? notOftener : confirmed;
    return saidAt.plus(wait).isAfter(now) ? Step.KEEP_QUIET : Step.SAY;
  }

  /** Whether what was last confirmed at {@code at} is not to be believed any more. */
  public boolean stale(Instant at, Instant now) {
    return !at.plus(stale).isAfter(now);
  }
}
