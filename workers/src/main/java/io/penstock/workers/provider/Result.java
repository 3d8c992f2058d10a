package io.penstock.workers.provider;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.Advice;
import io.penstock.schemas.avro.Answer;

/** What one call to a provider brought back. */
public sealed interface Result {
  /** What is known of its price. */
  Bill bill();

  /** A complete answer: the provider said why the model stopped. */
  record Answered(Answer answer, Bill bill) implements Result {}

  /**
   * No answer, or none that may be used. It may have been paid for all the same.
   *
   * @param message a sentence for people, without answer or key; it may hold the beginning of what
   *     the provider said, who may have quoted the prompt
   */
  record Failed(Reason reason, String message, Advice advice, Bill bill) implements Result {

    /** A failure about which the provider told us nothing more. */
    public static Failed of(Reason reason, String message) {
      return new Failed(reason, message, Advice.NONE, Bill.NONE);
    }

    /** A response that says something, but no answer. */
    static Failed garbled(String what, Bill bill) {
      return new Failed(Reason.ANSWER_GARBLED, "the provider sent " + what, Advice.NONE, bill);
    }

    Failed billed(Bill known) {
      return new Failed(reason, message, advice, known);
    }
  }
}
