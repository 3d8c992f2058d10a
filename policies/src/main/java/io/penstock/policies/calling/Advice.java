package io.penstock.policies.calling;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a provider said about trying again, in the headers of its refusal (docs/measurements.md,
 * Providers §1.4).
 *
 * @param retryAfter the wait it asked for, if it asked for one
 * @param wish whether it wants to be asked again at all
 */
public record Advice(@Nullable Duration retryAfter, Wish wish) {
  public static final Advice NONE = new Advice(null, Wish.UNSAID);

  /** A provider that says so knows better than our error table. */
  public enum Wish {
    UNSAID,
    TRY_AGAIN,
    LEAVE_IT
  }
}
