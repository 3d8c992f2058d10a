package io.penstock.embedded.simulator;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** How an item of a batch can fail on request. */
enum BatchFault {
  INVALID("400", Refusal.Kind.INVALID, "This request cannot be served"),
  RATE_LIMITED("429", Refusal.Kind.RATE_LIMITED, "Rate limit reached"),
  QUOTA("quota", Refusal.Kind.QUOTA, "You exceeded your current quota"),
  FAILED("500", Refusal.Kind.FAILED, "The server had an error"),
  OVERLOADED("529", Refusal.Kind.OVERLOADED, "Overloaded");

  private final String word;
  private final Refusal.Kind kind;
  private final String message;

  BatchFault(String word, Refusal.Kind kind, String message) {
    this.word = word;
    this.kind = kind;
    this.message = message;
  }

  /** Its name in {@code /admin/batches}. */
  String word() {
    return word;
  }

  Refusal refusal() {
    return new Refusal(kind, message, null);
  }

  static Optional<BatchFault> named(String word) {
    return Arrays.stream(values()).filter(fault -> fault.word.equals(word)).findFirst();
  }

  static String words() {
    return Arrays.stream(values()).map(BatchFault::word).collect(Collectors.joining(", "));
  }
}
