package io.penstock.embedded.simulator;

/** Leaves the reading of a call at its first mistake. Ends as the refusal that it carries. */
final class WrongRequestException extends Exception {
  private final transient Refusal refusal;

  WrongRequestException(Refusal refusal) {
    super(refusal.message(), null, false, false);
    this.refusal = refusal;
  }

  static WrongRequestException at(String field, String message) {
    return new WrongRequestException(Refusal.invalid(field, message));
  }

  Refusal refusal() {
    return refusal;
  }
}
