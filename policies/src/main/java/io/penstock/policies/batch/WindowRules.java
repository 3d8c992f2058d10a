package io.penstock.policies.batch;

import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Lane;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * The numbers of windows. Express never waits in one.
 *
 * @param waitFor by lane, how a request may wait
 * @param most requests that wait in one window; whoever comes then goes at once
 * @param leaderPatience how long an answer may take to begin until others no longer wait for it
 * @param margin how long before its deadline a request goes, whoever it waits for
 * @param firstToken how long an answer is thought to take to begin, until one has
 */
public record WindowRules(
    Map<Lane, Waits> waitFor,
    int most,
    Duration leaderPatience,
    Duration margin,
    Duration firstToken) {

  /**
   * How a lane's requests may wait.
   *
   * @param hold the longest wait
   * @param gather how long the first of a prefix waits for a second
   * @param perSecond what it is worth not to wait: dollars for each request and second
   */
  public record Waits(Duration hold, Duration gather, Money perSecond) {
    private static final BigInteger NANOS = BigInteger.valueOf(Duration.ofSeconds(1).toNanos());

    /** Who never waits. */
    static final Waits NEVER = new Waits(Duration.ZERO, Duration.ZERO, new Money(Long.MAX_VALUE));

    public Waits {
      if (hold.isNegative() || gather.isNegative() || perSecond.pico() < 0) {
        throw new IllegalArgumentException("what a wait takes and costs is not negative");
      }
    }

    /** Whether saving so much is worth a wait of this length. */
    boolean worth(Money saving, Duration wait) {
      BigInteger cost =
          BigInteger.valueOf(perSecond.pico()).multiply(BigInteger.valueOf(wait.toNanos()));
      BigInteger gain = BigInteger.valueOf(saving.pico()).multiply(NANOS);
      return saving.pico() > 0 && cost.compareTo(gain) <= 0;
    }
  }

  // Standard promises 200 ms at most on top of what the provider takes; 0.6 cents for a minute of
  // waiting lets a prefix of a few thousand tokens wait on all but the cheapest models.
  public static final WindowRules DEFAULT =
      new WindowRules(
          Map.of(
              Lane.STANDARD,
              new Waits(Duration.ofMillis(200), Duration.ofMillis(5), Money.parse("0.0001")),
              Lane.BATCH,
              new Waits(Duration.ofSeconds(10), Duration.ofMillis(500), Money.parse("0.0000001"))),
          1_000,
          Duration.ofSeconds(30),
          Duration.ofSeconds(2),
          Duration.ofMillis(500));

  public WindowRules {
    waitFor = Map.copyOf(waitFor);
    if (waitFor.containsKey(Lane.EXPRESS)) {
      throw new IllegalArgumentException("express never waits in a window");
    }
    if (most < 1) {
      throw new IllegalArgumentException("a window holds at least one request, not " + most);
    }
  }

  Waits of(Lane lane) {
    return Objects.requireNonNullElse(waitFor.get(lane), Waits.NEVER);
  }

  /** Whether a lane's requests may wait at all. */
  public boolean waits(Lane lane) {
    return !of(lane).hold().isZero();
  }

  /** When a request goes at the latest. */
  Instant latest(Lane lane, Instant since, Instant deadlineAt) {
    Instant held = since.plus(of(lane).hold());
    Instant pressed = deadlineAt.minus(margin);
    return held.isBefore(pressed) ? held : pressed;
  }
}
