package io.penstock.policies.cost;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

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

  /** What input can be charged as. */
  static final Set<Rate> OF_INPUT =
      EnumSet.of(INPUT, CACHE_READ, CACHE_WRITE, CACHE_WRITE_LONG, AUDIO_INPUT, IMAGE_INPUT);

  /** What output can be charged as. */
  static final Set<Rate> OF_OUTPUT = EnumSet.of(OUTPUT, REASONING, AUDIO_OUTPUT);

  /** Whether it is for something else than text. */
  boolean special() {
    return switch (this) {
      case AUDIO_INPUT, IMAGE_INPUT, AUDIO_OUTPUT -> true;
      case INPUT, CACHE_READ, CACHE_WRITE, CACHE_WRITE_LONG, OUTPUT, REASONING -> false;
    };
  }

  /** Its name in a price file. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Rate> of(String word) {
    return Arrays.stream(values()).filter(rate -> rate.word().equals(word)).findFirst();
  }
}
