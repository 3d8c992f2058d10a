package io.penstock.policies.cost;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a token can be charged as. */
public enum Rate {
  INPUT,
  CACHE_READ,
  /** A write with the lifetime that the provider gives by itself. */
  CACHE_WRITE,
  /** A write that lasts an hour. */
  CACHE_WRITE_LONG,
  OUTPUT,
  REASONING,
  AUDIO_INPUT,
  IMAGE_INPUT,
  AUDIO_OUTPUT;

  /** Its name in a price file. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Rate> of(String word) {
    return Arrays.stream(values()).filter(rate -> rate.word().equals(word)).findFirst();
  }
}
