package io.penstock.schemas;

import io.penstock.schemas.avro.Answer;
import java.util.List;

/** Answers of models. */
public final class Answers {
  private Answers() {}

  /** An answer that is one plain text. */
  public static Answer text(String text, String finishReason) {
    return new Answer(text, finishReason, List.of(), null, null, null, List.of(), List.of(), null);
  }
}
