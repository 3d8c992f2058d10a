package io.penstock.embedded.simulator;

/** Why a model stopped. */
sealed interface Finish {
  /** It had said everything. */
  record Done() implements Finish {}

  /** The caller's limit cut it. */
  record Cut() implements Finish {}

  /** It waits for its tools. */
  record Calling() implements Finish {}

  /** It came to something at which the caller wanted it to stop. */
  record Stopped(String sequence) implements Finish {}
}
