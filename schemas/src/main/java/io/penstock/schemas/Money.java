package io.penstock.schemas;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * An amount of US dollars in whole pico-dollars (10⁻¹² USD), the unit in which every price per
 * token is an integer: $/M tokens × 10⁶ (docs/measurements.md, Providers §5.4).
 *
 * <p>A {@code long} holds up to about 9.2 million dollars, which is ample for one request; totals
 * over a ledger are kept as {@link BigInteger}. Arithmetic that would overflow throws {@link
 * ArithmeticException}. Money never passes through floating point.
 */
public record Money(long pico) implements Comparable<Money> {
  private static final int DECIMALS = 12;

  public static final Money ZERO = new Money(0);

  /**
   * Parses a decimal dollar amount such as {@code "0.001275"}.
   *
   * @throws ArithmeticException when it has more than twelve decimals or does not fit
   * @throws NumberFormatException when it is not a number
   */
  public static Money parse(String usd) {
    return new Money(new BigDecimal(usd).movePointRight(DECIMALS).longValueExact());
  }

  public Money plus(Money other) {
    return new Money(Math.addExact(pico, other.pico));
  }

  public Money times(long count) {
    return new Money(Math.multiplyExact(pico, count));
  }

  /** The amount as a plain decimal string, without exponent or trailing zeros: {@code "0.0021"}. */
  public String toUsd() {
    return toUsd(BigInteger.valueOf(pico));
  }

  /** As {@link #toUsd()}, for totals of any size. */
  public static String toUsd(BigInteger pico) {
    return pico.signum() == 0
        ? "0"
        : new BigDecimal(pico, DECIMALS).stripTrailingZeros().toPlainString();
  }

  @Override
  public int compareTo(Money other) {
    return Long.compare(pico, other.pico);
  }

  @Override
  public String toString() {
    return "$" + toUsd();
  }
}
