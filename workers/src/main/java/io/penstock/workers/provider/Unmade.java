package io.penstock.workers.provider;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.Advice;
import io.penstock.schemas.Tokens;
import java.time.Duration;

/** What a call brings that was held and is not made. */
final class Unmade {
  private static final Duration LEAST_WAIT = Duration.ofMillis(100);

  private Unmade() {}

  /** The provider said that it would refuse it. */
  static Result.Failed limited(String provider, Duration wait) {
    return new Result.Failed(
        Reason.RATE_LIMITED,
        provider + " said that it takes no more calls of this model for now; nothing was called",
        new Advice(wait.compareTo(LEAST_WAIT) < 0 ? LEAST_WAIT : wait, Advice.Wish.UNSAID),
        Bill.NONE);
  }

  /** It has waited for its turn as long as it could. */
  static Result.Failed busy(String provider, int limit) {
    return new Result.Failed(
        Reason.RATE_LIMITED,
        provider
            + " takes no more than "
            + limit
            + " calls of this model at a time, and others had their turn; nothing was called",
        new Advice(LEAST_WAIT, Advice.Wish.UNSAID),
        Bill.NONE);
  }

  /** Nobody waits for it any more. */
  static Result.Failed withdrawn() {
    return Result.Failed.of(
            Reason.WITHDRAWN, "nobody waited for the answer any more; nothing was called")
        .billed(Bill.NONE.counted(Tokens.plain(0, 0)));
  }
}
