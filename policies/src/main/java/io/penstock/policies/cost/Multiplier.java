package io.penstock.policies.cost;

import io.penstock.schemas.Money;
import java.math.BigInteger;

/**
 * A fraction by which a whole bill is multiplied: once, at the end, rounded half up to the
 * pico-dollar.
 *
 * @param numerator from 1 to a million
 * @param denominator from 1 to a million
 */
public record Multiplier(long numerator, long denominator) {
  public static final Multiplier ONE = new Multiplier(1, 1);
  static final Multiplier HALF = new Multiplier(1, 2);

  // What is multiplied with it again stays well within a long.
  private static final long LARGEST = 1_000_000;

  public Multiplier {
    if (numerator < 1 || denominator < 1 || numerator > LARGEST || denominator > LARGEST) {
      throw new IllegalArgumentException("a multiplier is a fraction such as 11/10");
    }
  }

  /** Reads a fraction such as {@code 11/10}, or a whole number. */
  static Multiplier parse(String fraction) {
    String[] parts = fraction.split("/", 2);
    return new Multiplier(
        Long.parseLong(parts[0]), parts.length == 1 ? 1 : Long.parseLong(parts[1]));
  }

  Multiplier times(Multiplier other) {
    BigInteger above = BigInteger.valueOf(numerator * other.numerator);
    BigInteger below = BigInteger.valueOf(denominator * other.denominator);
    BigInteger common = above.gcd(below);
    return new Multiplier(
        above.divide(common).longValueExact(), below.divide(common).longValueExact());
  }

  /**
   * The multiplied amount.
   *
   * @throws ArithmeticException when it does not fit
   */
  Money of(Money amount) {
    if (numerator == denominator) {
      return amount;
    }
    BigInteger doubled =
        BigInteger.valueOf(amount.pico()).multiply(BigInteger.valueOf(numerator)).shiftLeft(1);
    return new Money(
        doubled
            .add(BigInteger.valueOf(denominator))
            .divide(BigInteger.valueOf(denominator).shiftLeft(1))
            .longValueExact());
  }
}
