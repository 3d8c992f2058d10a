package io.penstock.policies.calling;

import io.penstock.policies.Reason;

/**
 * Tells an empty purse from a busy hour at a provider that gives both the same name: Anthropic's
 * 429 comes with a wait when it will pass, and again and again without one when the month's money
 * is spent (docs/measurements.md, Providers §2.3).
 *
 * @param inARow refusals without a wait since anything else came
 */
public record SilentRefusals(int inARow) {
  public static final SilentRefusals NONE = new SilentRefusals(0);

  // One may be a proxy that forgot the header, two may be a burst.
  private static final int TELLING = 3;

  /** After one more response of the provider. */
  public SilentRefusals after(boolean limitedWithoutWait) {
    return limitedWithoutWait ? new SilentRefusals(Math.min(TELLING, inARow + 1)) : NONE;
  }

  /** What a refusal for {@code reason} means in this state. */
  public Reason meaning(Reason reason) {
    return reason == Reason.RATE_LIMITED && inARow >= TELLING ? Reason.QUOTA_EXHAUSTED : reason;
  }
}
