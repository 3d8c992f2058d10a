package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a caller wants of a model. */
sealed interface Wish {

  /**
   * An answer.
   *
   * @param longest the most output tokens of each choice
   * @param choices how many answers
   * @param stops texts at which the answer ends, without them
   * @param reasoning about as many tokens are thought before the answer; 0 means none
   * @param calls the tools to call instead of answering, in this order
   * @param announced whether a sentence comes before the calls
   * @param schema of the JSON which the answer must be; null where it is prose
   */
  record Talk(
      int longest,
      int choices,
      List<String> stops,
      int reasoning,
      List<Tool> calls,
      boolean announced,
      @Nullable JsonNode schema)
      implements Wish {
    public Talk {
      stops = List.copyOf(stops);
      calls = List.copyOf(calls);
    }
  }

  /** An answer to each text of the prompt. */
  record Completions(Talk each) implements Wish {}

  /**
   * A vector for each text of the prompt.
   *
   * @param base64 whether as bytes instead of numbers
   */
  record Vectors(int dimensions, boolean base64) implements Wish {}
}
