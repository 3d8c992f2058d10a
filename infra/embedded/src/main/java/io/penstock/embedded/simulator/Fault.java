package io.penstock.embedded.simulator;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** What can go wrong with a call on request. */
enum Fault {
  /** Refused: too many calls. */
  RATE_LIMITED("429"),
  /** Refused: the provider is overloaded. */
  OVERLOADED("529"),
  /** Refused: the provider is broken. */
  FAILED("500"),
  /** Worked on, and never answered. */
  TIMEOUT("timeout"),
  /** Answered in part, then cut off. */
  TRUNCATED("truncated"),
  /** Answered with a body that is not what it says. */
  GARBAGE("garbage"),
  /** Refused: the caller has spent what it may. */
  QUOTA("quota"),
  /** Answered in part, then an error instead of the rest. */
  MID_STREAM_ERROR("mid_stream_error"),
  /** Answered in part, and ended as if that were all. */
  CUT_STREAM("cut_stream"),
  /** Answered without saying what it used. */
  NO_USAGE("no_usage"),
  /** Answered late. */
  SLOW("slow"),
  /** Worked on, then the connection is reset. */
  RESET("reset");

  private final String word;

  Fault(String word) {
    this.word = word;
  }

  /** Its name in {@code /admin/faults} and {@code /admin/calls}. */
  String word() {
    return word;
  }

  static Optional<Fault> named(String word) {
    return Arrays.stream(values()).filter(fault -> fault.word.equals(word)).findFirst();
  }

  static String words() {
    return Arrays.stream(values()).map(Fault::word).collect(Collectors.joining(", "));
  }
}
