package io.penstock.policies.coalesce;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far a task has read its log, in the task's own time. A lease is lost when no renewal came,
 * which only somebody can say who has read all there was: a task that was stopped, stalled or cut
 * off from the broker has not, whatever the clock says. So the task writes a mark behind what is on
 * the log, and when the mark comes back judges as of the moment it was written.
 *
 * <p>A mark that took long was held up, by the broker being away perhaps, which held up the workers
 * as well: they get {@link #GRACE} to be heard, and the next mark judges.
 *
 * @param marked when the mark was written that has not come back yet
 * @param notBefore when the next may be written
 * @param heldUp whether the last mark took long
 */
public record LogTime(@Nullable Instant marked, Instant notBefore, boolean heldUp) {
  /** Nothing marked yet. */
  public static final LogTime UNKNOWN = new LogTime(null, Instant.EPOCH, false);

  static final Duration PACE = Duration.ofMillis(200);
  static final Duration PROMPT = Duration.ofSeconds(1);
  static final Duration GRACE = Duration.ofSeconds(2);

  /** Whether a mark may be written: one is under way at most. */
  public boolean mayMark(Instant now) {
    return marked == null && !now.isBefore(notBefore);
  }

  /** A mark is written. */
  public LogTime mark(Instant now) {
    return new LogTime(now, notBefore, heldUp);
  }

  /** Whether leases and deadlines may be judged as of a mark that is read now. */
  public boolean judges(Instant writtenAt, Instant now) {
    return writtenAt.equals(marked) && (heldUp || prompt(writtenAt, now));
  }

  /** A mark is read; those of an earlier task change nothing. */
  public LogTime read(Instant writtenAt, Instant now) {
    if (!writtenAt.equals(marked)) {
      return this;
    }
    return judges(writtenAt, now)
        ? new LogTime(null, now.plus(PACE), false)
        : new LogTime(null, now.plus(GRACE), true);
  }

  private static boolean prompt(Instant writtenAt, Instant now) {
    return !now.isAfter(writtenAt.plus(PROMPT));
  }
}
