package io.penstock.policies.limit;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.Allowance;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What holds the calls of one model of one provider, and lets them go one by one: there is room
 * under the limit for calls at a time, the provider's own allowance is not used up, and it is the
 * call's turn. Not for more than one thread at a time.
 *
 * @param <W> who waits
 */
public final class Turnstile<W extends Waiting> {
  private static final FairLine.Load NOBODY = new FairLine.Load(0, 0);

  private final LimitRules rules;
  private final FairLine<W> line;
  private final Map<Lane, Slowness> slowness = new EnumMap<>(Lane.class);
  private ConcurrencyLimit limit;
  private Allowance allowance = Allowance.UNKNOWN;
  private long calls;
  private long tokens;
  private long toldTo; // the call, by its number, whose answer told the allowance
  private int underWay;
  private int unhurried; // of them not of express
  private @Nullable Instant expressAt;
  private long refusals;
  private long slow;

  public Turnstile(LimitRules rules) {
    this.rules = rules;
    this.line = new FairLine<>(rules);
    this.limit = ConcurrencyLimit.unknown(rules);
    rules.firstToken().keySet().forEach(lane -> slowness.put(lane, new Slowness()));
  }

  /** A call comes, and waits. */
  public void add(W call, Instant now) {
    if (call.lane() == Lane.EXPRESS) {
      expressAt = now;
    }
    line.add(call);
  }

  /** A call waits no longer; nothing happens if it does not wait. */
  public void remove(W call) {
    line.remove(call);
  }

  /** Who may go next, or is next to see whether it may; empty while there is no room for anyone. */
  public Optional<W> next(Instant now) {
    if (underWay >= limit.whole()) {
      return Optional.empty();
    }
    return Optional.ofNullable(roomForAll(now) ? line.next() : line.next(Lane.EXPRESS));
  }

  /** How long until a call that waits may go: zero for now; empty when that depends on others. */
  public Optional<Duration> wait(W call, Instant now) {
    return next(now).filter(call::equals).map(first -> dry(first, NOBODY, now));
  }

  /** How long the allowance holds a call that waits, if nothing else did. */
  public Duration dry(W call, Instant now) {
    FairLine.Load all = line.load();
    if (allowance.hold(all.calls(), all.tokens(), now).isZero()) {
      return Duration.ZERO; // It is enough for everybody.
    }
    return dry(call, line.ahead(call), now);
  }

  private Duration dry(W call, FairLine.Load ahead, Instant now) {
    allowance = allowance.at(now, call.tokens());
    return allowance.hold(ahead.calls() + 1, ahead.tokens() + call.tokens(), now);
  }

  /** A call that may go goes. */
  public Sent goes(W call, Instant now) {
    line.goes(call);
    calls++;
    tokens += call.tokens();
    underWay++;
    boolean express = call.lane() == Lane.EXPRESS;
    unhurried += express ? 0 : 1;
    allowance = allowance.less(1, call.tokens());
    boolean bound = underWay >= limit.whole() || (!express && !roomForAll(now));
    return new Sent(call.lane(), calls, tokens, underWay, bound);
  }

  /** What is kept for express is no room for others. */
  private boolean roomForAll(Instant now) {
    boolean hurried = expressAt != null && now.isBefore(expressAt.plus(rules.reserveFor()));
    return unhurried < limit.whole() - (hurried ? rules.reserved(limit.whole()) : 0);
  }

  /**
   * Learns what the provider would still take. Calls sent before the one that told us most recently
   * tell nothing new, however late their answers come.
   */
  public void heard(Sent call, Allowance told, boolean refused, Instant now) {
    if (call.number() < toldTo) {
      return;
    }
    toldTo = call.number();
    allowance = told.believed(refused, now).less(calls - call.number(), tokens - call.tokens());
  }

  /** A streamed answer begins. */
  public void began(Sent call, Duration after) {
    Slowness of = slowness.get(call.lane());
    Duration aim = rules.aim(call.lane());
    if (of == null || aim == null || limit.outdates(call)) {
      return;
    }
    switch (of.began(call, after, aim, rules.slower())) {
      case Slowness.Verdict.Nothing() -> {}
      case Slowness.Verdict.TooMany(double at) -> {
        slow++;
        limit = limit.cut(at, underWay, calls, rules);
        slowness.values().forEach(Slowness::forget);
      }
    }
  }

  /** A call has ended with an answer. */
  public void answered(Sent call) {
    over(call);
    limit = limit.answered(call, rules);
  }

  /**
   * A call has ended without an answer.
   *
   * @param reason null when it was not made, or says nothing
   */
  public void failed(Sent call, @Nullable Reason reason) {
    if (overloaded(reason)) {
      ConcurrencyLimit after = limit.refused(call, underWay, calls, rules);
      if (after.cutAt() != limit.cutAt()) {
        refusals++;
        slowness.values().forEach(Slowness::forget);
      }
      limit = after;
    }
    over(call);
  }

  private static boolean overloaded(@Nullable Reason reason) {
    return reason == Reason.RATE_LIMITED || reason == Reason.PROVIDER_OVERLOADED;
  }

  private void over(Sent call) {
    underWay--;
    unhurried -= call.lane() == Lane.EXPRESS ? 0 : 1;
  }

  /** What the provider would still take. */
  public Allowance allowance() {
    return allowance;
  }

  /** The calls at a time that it has been found to take; null while nothing has been found out. */
  public @Nullable Integer learnt() {
    return limit.cutAt() == 0 ? null : Integer.valueOf(limit.whole());
  }

  /** How many calls wait. */
  public int waiting() {
    return line.size();
  }

  /** How it stands. */
  public Traffic traffic() {
    var waiting = new EnumMap<Lane, Integer>(Lane.class);
    for (Lane lane : Lane.values()) {
      waiting.put(lane, line.size(lane));
    }
    return new Traffic(limit.whole(), underWay, waiting, refusals, slow);
  }
}
