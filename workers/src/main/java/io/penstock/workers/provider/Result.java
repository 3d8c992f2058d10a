package io.penstock.workers.provider;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.Advice;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Answer;
import org.jspecify.annotations.Nullable;

/** What one call to a provider brought back. */
public sealed interface Result {
  /** The model that the provider says it billed, when it says so. */
  @Nullable String billedModel();

  /** Tokens as the provider reported them, when it did. */
  @Nullable Tokens usage();

  /** A complete answer: the provider said why the model stopped. */
  record Answered(Answer answer, @Nullable String billedModel, @Nullable Tokens usage)
      implements Result {}

  /**
   * No answer, or none that may be used. It may have been paid for all the same.
   *
   * @param message a sentence for people, without answer or key; it may hold the beginning of what
   *     the provider said, who may have quoted the prompt
   */
  record Failed(
      Reason reason,
      String message,
      Advice advice,
      @Nullable String billedModel,
      @Nullable Tokens usage)
      implements Result {

    /** A failure about which the provider told us nothing more. */
    public static Failed of(Reason reason, String message) {
      return new Failed(reason, message, Advice.NONE, null, null);
    }

    /** A response that says something, but no answer. */
    static Failed garbled(String what, @Nullable String billedModel, @Nullable Tokens usage) {
      return new Failed(
          Reason.ANSWER_GARBLED, "the provider sent " + what, Advice.NONE, billedModel, usage);
    }
  }
}
