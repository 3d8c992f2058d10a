package io.penstock.infra.send;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * What became of one request, as its sender saw it.
 *
 * @param kind where the answer came from, or the reason there is none
 * @param took from the moment it was due to be sent
 */
public record Outcome(
    Kind kind, String detail, String text, BigDecimal spent, BigDecimal avoided, Duration took) {

  /** How it ended. */
  public enum Kind {
    ANSWERED,
    ACCEPTED,
    FAILED
  }

  static Outcome failed(String code, Duration took) {
    return new Outcome(Kind.FAILED, code, "", BigDecimal.ZERO, BigDecimal.ZERO, took);
  }
}
