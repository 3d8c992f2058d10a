package io.penstock.embedded.simulator;

/** How a call ended. */
sealed interface Ending {
  /** Its name in {@code /admin/calls}. */
  String word();

  /** The caller has the whole answer, and knows what it used. */
  record Delivered(TokenUse use) implements Ending {
    @Override
    public String word() {
      return "delivered";
    }
  }

  /** The caller has the whole answer, but never asked what it used. */
  record Unreported(TokenUse use) implements Ending {
    @Override
    public String word() {
      return "usage_not_asked";
    }
  }

  /** Answered with an error before any work. */
  record Refused(String word) implements Ending {}

  /** Worked on, and would be billed, but the caller does not have the whole answer. */
  record Lost(String word, TokenUse use) implements Ending {
    static final String CALLER_GONE = "caller_gone";
  }
}
