package io.penstock.workers.provider;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.penstock.policies.Reason;
import io.penstock.policies.calling.Advice;
import io.penstock.policies.calling.Allowance;
import io.penstock.policies.calling.BreakerRules;
import io.penstock.policies.calling.BreakerRules.Sign;
import io.penstock.policies.limit.LimitRules;
import io.penstock.policies.limit.Traffic;
import io.penstock.policies.limit.Turnstile;
import io.penstock.policies.limit.Waiting;
import io.penstock.schemas.avro.Breaker;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What every call of one model of one provider passes: the breaker, which turns calls away while
 * the provider fails, and the turnstile, which holds them while it would refuse them. For any
 * thread; a call that is held blocks its own.
 *
 * <p>Who is held stands in a line, and only the first looks whether it may go: so that those who
 * wait for a reset do not all go at once, and go when it is their turn.
 */
final class Gate {
  /** How often whoever is held looks at the clock, whatever happens: what is usual. */
  static final Duration LONGEST_NAP = Duration.ofSeconds(1);

  private final String provider;
  private final String model;
  private final BreakerRules rules;
  private final InstantSource clock;
  private final Consumer<Standing> changed;
  private final Duration longestNap;
  private final CircuitBreaker breaker;
  private final Turnstile<Held> turnstile;
  private Instant usedAt;
  private @Nullable Instant openUntil;
  private @Nullable Reason reason;
  private boolean tripped;
  private int tripsInARow;
  private Instant lastTrial = Instant.EPOCH;
  private long changes;

  /** What the breaker counts: a failure is a value here. */
  private static final class Failed extends RuntimeException {
    Failed() {
      super("the provider failed", null, false, false);
    }
  }

  /** A call that stands in line; the semaphore is its own, so it equals no other. */
  private record Held(Caller caller, Semaphore nudge) implements Waiting {
    @Override
    public Lane lane() {
      return caller.lane();
    }

    @Override
    public String tenant() {
      return caller.tenant();
    }

    @Override
    public long tokens() {
      return caller.tokens();
    }
  }

  /** What a call is to do now. */
  private sealed interface Word {
    record Go(Permit permit) implements Word {}

    record Leave(Result.Failed failure) implements Word {}

    record Stay(Duration length) implements Word {}
  }

  /**
   * @param changed told of each change of the breaker, in order; must not block
   * @param longestNap whoever is held looks at the clock so often, whatever happens
   */
  Gate(
      String provider,
      String model,
      BreakerRules rules,
      LimitRules limits,
      InstantSource clock,
      Consumer<Standing> changed,
      Duration longestNap) {
    this.provider = provider;
    this.model = model;
    this.rules = rules;
    this.turnstile = new Turnstile<>(limits);
    this.clock = clock;
    this.changed = changed;
    this.longestNap = longestNap;
    this.usedAt = clock.instant();
    this.breaker =
        CircuitBreaker.of(
            provider,
            CircuitBreakerConfig.custom()
                .slidingWindow(rules.calls(), rules.leastCalls(), SlidingWindowType.COUNT_BASED)
                .failureRateThreshold(rules.failuresPercent())
                .waitDurationInOpenState(rules.open())
                .permittedNumberOfCallsInHalfOpenState(rules.trials())
                .clock(clock.withZone(ZoneOffset.UTC))
                .build());
  }

  /**
   * Waits for clearance to make a call.
   *
   * @param patience how long it may be held
   * @param phone on which the caller hears that nobody waits any more
   */
  Clearance clearance(Caller caller, Duration patience, Line phone) {
    Instant came = clock.instant();
    var held = new Held(caller, new Semaphore(0));
    Word word;
    try {
      word = arrive(held, patience);
      if (word instanceof Word.Stay) {
        phone.nudging(held.nudge::release);
      }
      while (word instanceof Word.Stay(Duration length)) {
        nap(held, length);
        word = next(held, phone, came, patience);
      }
    } finally {
      phone.nudging(null);
      leave(held);
    }
    Duration waited = Duration.between(came, clock.instant());
    return switch (word) {
      case Word.Go(Permit permit) -> new Clearance.Granted(permit, waited);
      case Word.Leave(Result.Failed failure) -> new Clearance.Refused(failure, waited);
      case Word.Stay stay -> throw new IllegalStateException("still held");
    };
  }

  private void nap(Held held, Duration wait) {
    Duration nap = wait.compareTo(longestNap) < 0 ? wait : longestNap;
    try {
      var _ = held.nudge.tryAcquire(nap.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Word arrive(Held held, Duration patience) {
    Instant now = clock.instant();
    usedAt = now;
    if (openUntil != null && !now.isAfter(openUntil)) {
      return new Word.Leave(suspended(now));
    }
    turnstile.add(held, now);
    Duration wait = turnstile.wait(held, now).orElse(longestNap);
    if (wait.isZero()) {
      return go(held, now);
    }
    Duration dry = turnstile.dry(held, now);
    if (dry.compareTo(patience) >= 0) {
      return new Word.Leave(Unmade.limited(provider, dry));
    }
    return new Word.Stay(wait);
  }

  private synchronized Word next(Held held, Line phone, Instant came, Duration patience) {
    Instant now = clock.instant();
    if (phone.hungUp()) {
      return new Word.Leave(Unmade.withdrawn());
    }
    if (openUntil != null && !now.isAfter(openUntil)) {
      return new Word.Leave(suspended(now));
    }
    Duration wait = turnstile.wait(held, now).orElse(longestNap);
    if (wait.isZero()) {
      return go(held, now);
    }
    // What a provider says is not believed for ever; its limit we found out ourselves.
    Duration dry = turnstile.dry(held, now);
    Duration most = shorter(patience, dry.isZero() ? patience : Allowance.LONGEST_HOLD);
    Duration left = most.minus(Duration.between(came, now));
    if (!left.isPositive() || phone.woken() || Thread.currentThread().isInterrupted()) {
      return new Word.Leave(
          dry.isZero()
              ? Unmade.busy(provider, turnstile.traffic().limit())
              : Unmade.limited(provider, shorter(dry, Allowance.LONGEST_HOLD)));
    }
    return new Word.Stay(shorter(wait, left));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private Word go(Held held, Instant now) {
    if (!permitted(now)) {
      return new Word.Leave(suspended(now));
    }
    usedAt = now;
    return new Word.Go(new Permit(this, now, turnstile.goes(held, now), held.tokens(), changes));
  }

  /** How many calls are held. */
  synchronized int waiting() {
    return turnstile.waiting();
  }

  /** The line moves up. */
  private synchronized void leave(Held held) {
    turnstile.remove(held);
    nudgeFirst();
  }

  private void nudgeFirst() {
    turnstile.next(clock.instant()).ifPresent(first -> first.nudge.release());
  }

  private boolean permitted(Instant now) {
    CircuitBreaker.State before = breaker.getState();
    boolean permitted = breaker.tryAcquirePermission();
    noted(before, reason, rules.open(), now);
    if (permitted) {
      return true;
    }
    if (breaker.getState() == CircuitBreaker.State.HALF_OPEN
        && !now.isBefore(lastTrial.plus(rules.open()))) {
      // The trials may take minutes, as answers do: now and then one more tries.
      lastTrial = now;
      breaker.releasePermission();
      return breaker.tryAcquirePermission();
    }
    return false;
  }

  /** Learns what the provider would still take. */
  synchronized void heard(Permit permit, Allowance told, boolean refused) {
    Instant now = clock.instant();
    if (refused && told.hold(1, permit.tokens(), now).isPositive()) {
      permit.explain();
    }
    turnstile.heard(permit.sent(), told, refused, now);
    nudgeFirst();
  }

  /** A streamed answer begins. */
  synchronized void began(Permit permit, Duration after) {
    turnstile.began(permit.sent(), after);
  }

  synchronized void ended(
      Permit permit, Result result, Duration given, Duration limit, Duration took) {
    switch (result) {
      case Result.Answered answered -> {
        if (permit.uses()) {
          turnstile.answered(permit.sent());
        }
        ended(permit, Sign.WORKS, null);
      }
      case Result.Failed failed -> {
        over(permit, failed.reason());
        ended(permit, rules.sign(failed.reason(), given, limit, took), failed.reason());
      }
    }
    nudgeFirst();
  }

  /** A call was not made, or says nothing. */
  synchronized void givenBack(Permit permit) {
    over(permit, null);
    ended(permit, Sign.SAYS_NOTHING, null);
    nudgeFirst();
  }

  private void over(Permit permit, @Nullable Reason why) {
    if (permit.uses()) {
      // What the allowance explains says nothing of how many there may be at a time.
      turnstile.failed(permit.sent(), permit.explained() ? null : why);
    }
  }

  private void ended(Permit permit, Sign sign, @Nullable Reason why) {
    Instant now = clock.instant();
    CircuitBreaker.State before = breaker.getState();
    // A call from before the breaker changed is no trial, and has counted for what it can tell.
    boolean counts = permit.changes() == changes;
    boolean trips = false;
    switch (sign) {
      case WORKS -> {
        tripsInARow = 0;
        if (counts) {
          breaker.onSuccess(0, TimeUnit.NANOSECONDS);
        }
      }
      case FAILS -> {
        if (counts) {
          breaker.onError(0, TimeUnit.NANOSECONDS, new Failed());
        }
      }
      case TRIPS -> {
        tripsInARow++;
        boolean trial = counts && before == CircuitBreaker.State.HALF_OPEN;
        trips = before != CircuitBreaker.State.OPEN && rules.trip(tripsInARow, trial);
        if (trips) {
          breaker.transitionToOpenStateFor(rules.trippedOpen());
        } else if (counts) {
          breaker.releasePermission();
        }
      }
      case SAYS_NOTHING -> {
        if (counts) {
          breaker.releasePermission();
        }
      }
    }
    noted(before, why, trips ? rules.trippedOpen() : rules.open(), now);
    if (trips) {
      tripped = true;
    }
  }

  private void noted(
      CircuitBreaker.State before, @Nullable Reason why, Duration open, Instant now) {
    CircuitBreaker.State after = breaker.getState();
    if (after == before) {
      return;
    }
    changes++;
    openUntil = after == CircuitBreaker.State.OPEN ? now.plus(open) : null;
    reason = after == CircuitBreaker.State.CLOSED ? null : why;
    tripped = false;
    lastTrial = now;
    changed.accept(standing(now));
    nudgeFirst();
  }

  /** How many calls are under way, and wait. */
  synchronized Traffic traffic() {
    return turnstile.traffic();
  }

  synchronized Standing standing() {
    return standing(clock.instant());
  }

  private Standing standing(Instant now) {
    return new Standing(
        provider,
        model,
        switch (breaker.getState()) {
          case OPEN, FORCED_OPEN -> Breaker.OPEN;
          case HALF_OPEN -> Breaker.HALF_OPEN;
          case CLOSED, DISABLED, METRICS_ONLY -> Breaker.CLOSED;
        },
        openUntil,
        reason,
        remaining(turnstile.allowance().requests().left(now)),
        remaining(turnstile.allowance().tokens().left(now)),
        turnstile.allowance().resetAt(),
        turnstile.learnt(),
        usedAt,
        changes);
  }

  private static @Nullable Long remaining(@Nullable Long left) {
    return left == null ? null : Long.valueOf(Math.max(0, left));
  }

  /** What turns a call away: what the provider would say again, or that it fails too often. */
  private Result.Failed suspended(Instant now) {
    Duration wait =
        openUntil != null && !now.isAfter(openUntil)
            ? Duration.between(now, openUntil).plusMillis(1)
            : rules.trialPause();
    Reason why = tripped && reason != null ? reason : Reason.PROVIDER_SUSPENDED;
    return new Result.Failed(
        why,
        provider
            + " is not called for this model for "
            + Math.max(1, wait.toSeconds())
            + " s: "
            + (tripped ? "it refused a moment ago (" : "it failed too often of late (")
            + (reason == null ? "unknown" : reason.code())
            + ")",
        new Advice(wait, Advice.Wish.UNSAID),
        Bill.NONE);
  }
}
