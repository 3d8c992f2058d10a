package io.penstock.policies.admit;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Options;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is wrong with a request for embeddings; one use per request. */
final class Embedding {
  private static final int MOST_INPUTS = 2048;
  private static final String INPUT = "input";
  private static final String FORM =
      "input is a text, or a list of texts, of tokens, or of lists of tokens";

  private @Nullable String wrong;
  private boolean somethingEmpty;

  private Embedding() {}

  static Optional<Failure> fault(InferenceRequest request) {
    if (!request.getMessages().isEmpty()) {
      return invalid("embeddings are made of input, not of messages", "messages");
    }
    String input = request.getInput();
    if (input == null) {
      return Optional.of(Reason.MISSING_FIELD.because(FORM + ": send it", INPUT));
    }
    return new Embedding().inputFault(input).or(() -> conversationFault(request.getOptions()));
  }

  private static Optional<Failure> conversationFault(@Nullable Options o) {
    if (o == null
        || (o.getTools().isEmpty()
            && o.getToolChoice() == null
            && o.getResponseFormat() == null
            && o.getStop().isEmpty()
            && o.getChoices() == 1)) {
      return Optional.empty();
    }
    return invalid(
        "embeddings know no tools, formats, stop texts or choices: leave them out", INPUT);
  }

  private Optional<Failure> inputFault(String input) {
    try (JsonParser json = Json.parser(input)) {
      read(json, input);
    } catch (JsonProcessingException e) {
      wrong = "it cannot be read: " + e.getOriginalMessage();
    } catch (IOException e) {
      throw new IllegalStateException("text in memory could not be read", e);
    }
    if (wrong != null) {
      return invalid(FORM + "; " + wrong, INPUT);
    }
    return somethingEmpty
        ? Optional.of(
            Reason.EMPTY_PROMPT.because("there is nothing to embed in a part of input", INPUT))
        : Optional.empty();
  }

  private void read(JsonParser json, String input) throws IOException {
    switch (json.nextToken()) {
      case VALUE_STRING -> somethingEmpty = json.getTextLength() == 0;
      case START_ARRAY -> list(json);
      case null, default -> wrong = "it begins with \"" + Excerpt.of(input) + "\"";
    }
    if (wrong == null && json.nextToken() != null) {
      wrong = "there is something after its end";
    }
  }

  /** A list is of one kind. */
  private void list(JsonParser json) throws IOException {
    JsonToken kind = json.nextToken();
    somethingEmpty = kind == JsonToken.END_ARRAY;
    int count = 0;
    for (JsonToken next = kind;
        next != JsonToken.END_ARRAY && wrong == null;
        next = json.nextToken()) {
      if (next != kind) {
        wrong = "element " + count + " is of another kind than the first";
        return;
      }
      switch (next) {
        case VALUE_STRING -> somethingEmpty |= json.getTextLength() == 0;
        case VALUE_NUMBER_INT -> {}
        case START_ARRAY -> tokens(json, count);
        case null, default -> wrong = "element " + count + " is none of these";
      }
      count++;
    }
    if (kind != JsonToken.VALUE_NUMBER_INT && count > MOST_INPUTS) {
      wrong = "there may be " + MOST_INPUTS + " of them at most; there are " + count;
    }
  }

  private void tokens(JsonParser json, int element) throws IOException {
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        wrong = "element " + element + " holds something that is no token";
        return;
      }
      count++;
    }
    somethingEmpty |= count == 0;
  }

  private static Optional<Failure> invalid(String message, String field) {
    return Optional.of(Reason.INVALID_VALUE.because(message, field));
  }
}
