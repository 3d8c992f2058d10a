package io.penstock.policies.limit;

import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The numbers by which calls of one model of one provider share what it takes.
 *
 * @param least calls at a time that are always allowed
 * @param most calls at a time that are allowed as long as nobody has learnt better. Equal to {@code
 *     least} it is a fixed limit
 * @param cut what the limit is multiplied with when the provider is overloaded
 * @param reserve the share of the limit that is kept for express
 * @param reserveFor how long after a call of express it is kept
 * @param weights how lanes share when calls have to wait, by tokens
 * @param firstToken by lane, the time to the first token that at most one answer in twenty may
 *     exceed; a lane that is not there has no such aim
 * @param slower the same in comparison: so many times what it is when fewer calls are under way
 */
public record LimitRules(
    int least,
    int most,
    double cut,
    double reserve,
    Duration reserveFor,
    Map<Lane, Integer> weights,
    Map<Lane, Duration> firstToken,
    double slower) {

  // TCP halves, we are gentler: who halves uses three quarters of what a provider takes, who takes
  // off a seventh uses nine tenths, and is refused once in some round trips (decision 19).
  public static final LimitRules DEFAULT =
      new LimitRules(
          1,
          1024,
          0.85,
          0.1,
          Duration.ofMinutes(1),
          Map.of(Lane.EXPRESS, 70, Lane.STANDARD, 25, Lane.BATCH, 5),
          Map.of(Lane.EXPRESS, Duration.ofSeconds(2), Lane.STANDARD, Duration.ofSeconds(10)),
          2);

  public LimitRules {
    if (least < 1 || most < least) {
      throw new IllegalArgumentException(
          "calls at a time are limited to "
              + least
              + " at least and "
              + most
              + " at most: give 1 or more, and no less at most than at least");
    }
    if (!(cut > 0 && cut < 1)) {
      throw new IllegalArgumentException("an overloaded limit is cut to between 0 and 1: " + cut);
    }
    if (!(reserve >= 0 && reserve < 1)) {
      throw new IllegalArgumentException("the reserve is a share from 0 to below 1: " + reserve);
    }
    for (Lane lane : Lane.values()) {
      Integer weight = weights.get(lane);
      if (weight == null || weight < 1) {
        throw new IllegalArgumentException("the lane " + lane + " needs a weight of 1 or more");
      }
    }
    weights = Map.copyOf(weights);
    firstToken = Map.copyOf(firstToken);
  }

  /** The same for other numbers of calls at a time. */
  public LimitRules between(int atLeast, int atMost) {
    return new LimitRules(atLeast, atMost, cut, reserve, reserveFor, weights, firstToken, slower);
  }

  /** The same with another aim for a lane. */
  public LimitRules aiming(Lane lane, Duration aim) {
    var aims = new EnumMap<Lane, Duration>(Lane.class);
    aims.putAll(firstToken);
    aims.put(lane, aim);
    return new LimitRules(least, most, cut, reserve, reserveFor, weights, aims, slower);
  }

  int weight(Lane lane) {
    return Objects.requireNonNull(weights.get(lane));
  }

  @Nullable Duration aim(Lane lane) {
    return firstToken.get(lane);
  }

  /** How many of so many calls at a time are kept for express: one at least, but not the only. */
  int reserved(int calls) {
    return Math.min(calls - 1, Math.max(1, (int) (calls * reserve)));
  }
}
