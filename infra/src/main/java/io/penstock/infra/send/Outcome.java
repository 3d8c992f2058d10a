package io.penstock.infra.send;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;

/**
 * What became of one request, as its sender saw it.
 *
 * @param detail where the answer came from, the id of what was accepted, or the reason there is no
 *     answer
 * @param text the answer, or what to tell people of the reason
 * @param spent empty while nobody knows: a model without a price is not free
 * @param avoided empty while nobody knows
 * @param took from the moment it was due to be sent
 */
public record Outcome(
    Kind kind,
    String detail,
    String text,
    Optional<BigDecimal> spent,
    Optional<BigDecimal> avoided,
    Duration took) {

  /** How it ended. */
  public enum Kind {
    ANSWERED,
    ACCEPTED,
    FAILED
  }

  static Outcome accepted(String id, Duration took) {
    return new Outcome(Kind.ACCEPTED, id, "", Optional.empty(), Optional.empty(), took);
  }

  static Outcome failed(String code, String text, Duration took) {
    return new Outcome(Kind.FAILED, code, text, Optional.empty(), Optional.empty(), took);
  }
}
