package io.penstock.ingress;

/** What became of an exchange. */
sealed interface Outcome permits Reply, Outcome.Told {
  /** The HTTP status that it had. */
  int status();

  /** It has been written already, piece by piece. */
  record Told(int status) implements Outcome {}
}
