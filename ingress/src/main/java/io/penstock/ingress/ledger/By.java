package io.penstock.ingress.ledger;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What the ledger can be broken down by. */
public enum By {
  TENANT,
  MODEL,
  LANE,
  CAUSE;

  /** The word callers use: lower case. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one that callers call {@code word}. */
  public static Optional<By> of(String word) {
    return Arrays.stream(values()).filter(by -> by.word().equals(word)).findFirst();
  }
}
