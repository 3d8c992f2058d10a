package io.penstock.ingress.ledger;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the ledger can be broken down by. */
public enum By {
  TENANT,
  /** The name of an API key; empty where none was used. */
  KEY,
  PROVIDER,
  MODEL,
  LANE,
  /** The service tier that was billed. */
  TIER,
  CAUSE,
  PROVENANCE,
  /** In UTC. */
  DAY;

  /** The word callers use: lower case. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one that callers call {@code word}. */
  public static Optional<By> of(String word) {
    return Arrays.stream(values()).filter(by -> by.word().equals(word)).findFirst();
  }

  /** All words, for people. */
  public static String words() {
    return Arrays.stream(values()).map(By::word).collect(Collectors.joining(", "));
  }
}
