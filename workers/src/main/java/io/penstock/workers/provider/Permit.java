package io.penstock.workers.provider;

import io.penstock.policies.calling.Allowance;
import io.penstock.policies.calling.BreakerRules.Sign;
import java.time.Duration;
import java.time.Instant;

/** Leave to make one call of a model; {@link #end} or {@link #giveBack} ends it. */
public final class Permit {
  private final Gate gate;
  private final Instant sentAt;
  private final long calls;
  private final long tokens;
  private final long changes;

  /**
   * @param calls sent through the gate with this one
   * @param tokens of all of them
   * @param changes of the breaker when this was given
   */
  Permit(Gate gate, Instant sentAt, long calls, long tokens, long changes) {
    this.gate = gate;
    this.sentAt = sentAt;
    this.calls = calls;
    this.tokens = tokens;
    this.changes = changes;
  }

  Instant sentAt() {
    return sentAt;
  }

  long calls() {
    return calls;
  }

  long tokens() {
    return tokens;
  }

  long changes() {
    return changes;
  }

  /** The headers of the answer said so. */
  void heard(Allowance told, boolean refused) {
    gate.heard(this, told, refused);
  }

  /**
   * The call has ended; the durations are those of {@link
   * io.penstock.policies.calling.BreakerRules#sign}.
   */
  void end(Result result, Duration given, Duration limit, Duration took) {
    gate.ended(this, result, given, limit, took);
  }

  /** The call was not made, or says nothing. */
  void giveBack() {
    gate.ended(this, Sign.SAYS_NOTHING, null);
  }
}
