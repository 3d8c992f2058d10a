package io.penstock.policies.gate;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The law of batch beside express: as many records a second as leave express almost as fast as it
 * is alone. The pace grows by a tenth while express is fast enough, and falls by a fifth, or to the
 * half, where it is not. Without express there is no bound.
 *
 * <p>How express is alone is not known beforehand: it depends on the machine, the load and the
 * clocks of those who send. So batch rests now and then, and listens. What counts is the difference
 * to what was heard then, so that a clock that goes wrong matters as little as a slow machine (the
 * delay-based background transport of RFC 6817, with the slowdowns that were proposed for it
 * later).
 *
 * <p>For one thread; time only ever comes from outside, and only forward.
 */
public final class Pacing {
  private static final double UP = 1.1;
  private static final double DOWN = 0.8;
  private static final double FAR_DOWN = 0.5;

  // Of what is heard, so many in a hundred count, the fastest. The slowest tell of pauses that
  // nobody here is to blame for.
  private static final int COUNTED_PERCENT = 90;
  private static final int RESTS = 3;

  // A delay beyond this is a time that a producer made up.
  private static final Duration CREDIBLE = Duration.ofMinutes(1);

  // What may be let in at once, beyond one record.
  private static final double BURST_SECONDS = 0.02;

  /** What the gate is doing. */
  public enum Mode {
    /** No express: as fast as it goes. */
    FREE,
    /** Batch waits, and listens to express alone. */
    RESTING,
    /** Batch goes at its pace beside express. */
    PACED
  }

  private final GateRules rules;
  private final List<Double> heard = new ArrayList<>();
  private final Deque<Double> rests = new ArrayDeque<>();
  private Mode mode = Mode.FREE;
  private Instant since = Instant.EPOCH;
  private Instant nextRest = Instant.EPOCH;
  private Instant filledAt = Instant.EPOCH;
  private @Nullable Instant settledAt; // From when on a rest listens.
  private @Nullable Instant lastExpress;
  private double perSecond;
  private double tokens;
  private long letIn;

  public Pacing(GateRules rules) {
    this.rules = rules;
    this.perSecond = rules.first();
  }

  /**
   * An express record was read by the flow.
   *
   * @param delay since it was sent, by whatever clock its sender has
   */
  public void express(Duration delay, Instant at) {
    if (delay.abs().compareTo(CREDIBLE) > 0) {
      return;
    }
    lastExpress = at;
    if (mode == Mode.FREE) {
      enter(Mode.RESTING, at);
    }
    if (mode == Mode.PACED || (settledAt != null && !at.isBefore(settledAt))) {
      heard.add(GateRules.ms(delay));
    }
  }

  /**
   * How many records may be let in now.
   *
   * @param underWay records and dispatches that were let in, and that nobody has taken in hand yet
   */
  public int allow(long underWay, Instant now) {
    if (lastExpress == null || !now.isBefore(lastExpress.plus(rules.quiet()))) {
      if (mode != Mode.FREE) {
        enter(Mode.FREE, now);
      }
      return Integer.MAX_VALUE;
    }
    switch (mode) {
      case FREE -> enter(Mode.RESTING, now);
      case RESTING -> rest(underWay, now);
      case PACED -> pace(underWay, now);
    }
    return mode == Mode.PACED ? (int) tokens : 0;
  }

  /** So many were let in. */
  public void letIn(int records) {
    tokens -= records;
    letIn += records;
  }

  public Mode mode() {
    return mode;
  }

  /** Records a second; infinite without express. */
  public double perSecond() {
    return mode == Mode.FREE ? Double.POSITIVE_INFINITY : perSecond;
  }

  /**
   * The mean delay, in milliseconds, up to which batch is let in faster; empty until it is known.
   */
  public OptionalDouble allowedMs() {
    return rests.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(rules.allowedMs(aloneMs()));
  }

  private void rest(long underWay, Instant now) {
    // What waits for workers that take nothing says nothing: it is not waited for without end.
    if (settledAt == null && (underWay == 0 || !now.isBefore(since.plus(rules.longestLook())))) {
      settledAt = now.plus(rules.settling());
    }
    if (settledAt == null) {
      return;
    }
    Duration listened = Duration.between(settledAt, now);
    if (!heardEnough(listened) && listened.compareTo(rules.longestLook()) < 0) {
      return;
    }
    learn();
    nextRest = now.plus(rules.restEvery());
    enter(Mode.PACED, now);
  }

  private void pace(long underWay, Instant now) {
    double most = Math.max(1, perSecond * BURST_SECONDS);
    tokens = Math.min(most, tokens + perSecond * seconds(Duration.between(filledAt, now)));
    filledAt = now;
    Duration listened = Duration.between(since, now);
    boolean over = listened.compareTo(rules.longestLook()) >= 0 && !heard.isEmpty();
    if (!heardEnough(listened) && !over) {
      return;
    }
    if (letIn == 0 && underWay == 0) {
      learn(); // As good as a rest.
      nextRest = now.plus(rules.restEvery());
    } else {
      judge(mean(), listened);
    }
    enter(now.isBefore(nextRest) ? Mode.PACED : Mode.RESTING, now);
  }

  private void judge(double delayMs, Duration listened) {
    if (rests.isEmpty()) {
      return;
    }
    double allowed = rules.allowedMs(aloneMs()) - aloneMs();
    double excess = delayMs - aloneMs();
    if (excess > allowed) {
      perSecond *= excess > 2 * allowed ? FAR_DOWN : DOWN;
    } else if (letIn >= perSecond * seconds(listened) / 2) {
      perSecond = perSecond * UP + 1; // A pace that was not used says nothing of a faster one.
    }
    perSecond = Math.clamp(perSecond, rules.slowest(), rules.fastest());
  }

  private void learn() {
    if (heard.isEmpty()) {
      return;
    }
    rests.addLast(mean());
    if (rests.size() > RESTS) {
      rests.removeFirst();
    }
  }

  private void enter(Mode next, Instant now) {
    if (next == Mode.PACED && mode != Mode.PACED) {
      tokens = 0;
      filledAt = now;
    }
    mode = next;
    since = now;
    settledAt = null;
    letIn = 0;
    heard.clear();
  }

  private boolean heardEnough(Duration listened) {
    return heard.size() >= rules.samples() && listened.compareTo(rules.look()) >= 0;
  }

  /** The middle of the last rests: one of them may have met a pause of the machine. */
  private double aloneMs() {
    List<Double> sorted = rests.stream().sorted().toList();
    return sorted.get((sorted.size() - 1) / 2);
  }

  private double mean() {
    int counted = Math.max(1, heard.size() * COUNTED_PERCENT / 100);
    return heard.stream()
        .sorted()
        .limit(counted)
        .mapToDouble(Double::doubleValue)
        .average()
        .orElseThrow();
  }

  private static double seconds(Duration length) {
    return length.toNanos() / 1e9;
  }
}
