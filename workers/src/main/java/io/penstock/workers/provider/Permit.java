package io.penstock.workers.provider;

import io.penstock.policies.calling.Allowance;
import io.penstock.policies.limit.Sent;
import java.time.Duration;
import java.time.Instant;

/** Leave to make one call of a model; {@link #end} or {@link #giveBack} ends it. */
public final class Permit {
  private final Gate gate;
  private final Instant sentAt;
  private final Sent sent;
  private final long changes;
  private final long tokens;
  private boolean used; // guarded by the gate
  private boolean explained; // likewise

  /**
   * @param sent what the turnstile knows of the call
   * @param tokens that the call may use
   * @param changes of the breaker when this was given
   */
  Permit(Gate gate, Instant sentAt, Sent sent, long tokens, long changes) {
    this.gate = gate;
    this.sentAt = sentAt;
    this.sent = sent;
    this.tokens = tokens;
    this.changes = changes;
  }

  Instant sentAt() {
    return sentAt;
  }

  Sent sent() {
    return sent;
  }

  long changes() {
    return changes;
  }

  long tokens() {
    return tokens;
  }

  /** The headers of the refusal say why: it is a matter of the allowance. For the gate. */
  void explain() {
    explained = true;
  }

  boolean explained() {
    return explained;
  }

  /** Uses it up; false when it was already. For the gate. */
  boolean uses() {
    boolean first = !used;
    used = true;
    return first;
  }

  /** The headers of the answer said so. */
  void heard(Allowance told, boolean refused) {
    gate.heard(this, told, refused);
  }

  /** The first piece of a streamed answer is there. */
  void began(Duration after) {
    gate.began(this, after);
  }

  /**
   * The call has ended; the durations are those of {@link
   * io.penstock.policies.calling.BreakerRules#sign}.
   */
  void end(Result result, Duration given, Duration limit, Duration took) {
    gate.ended(this, result, given, limit, took);
  }

  /** The call was not made, or says nothing. */
  public void giveBack() {
    gate.givenBack(this);
  }
}
