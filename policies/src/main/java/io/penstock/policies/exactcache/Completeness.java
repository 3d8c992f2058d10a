package io.penstock.policies.exactcache;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.ResponseFormat;
import io.penstock.schemas.avro.ToolCall;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether an answer is all that was asked for. One that was cut, filtered or refused, or whose form
 * is broken, would be repeated to everyone who asks the same. Of a promised JSON schema only the
 * syntax is looked at: that the answer is JSON, not that it follows the schema.
 */
final class Completeness {
  private static final String STOPPED = "stop";
  private static final String CALLS = "tool_calls";
  private static final JsonFactory JSON = new JsonFactory();

  private Completeness() {}

  static boolean complete(InferenceRequest request, Answer answer) {
    if (request.getEndpoint() == Endpoint.EMBEDDINGS) {
      String payload = answer.getPayload();
      return payload != null && isJson(payload);
    }
    Options options = request.getOptions();
    int choices = options == null ? 1 : options.getChoices();
    boolean inJson = options != null && wantsJson(options.getResponseFormat());
    return answer.getOthers().size() + 1 >= choices
        && complete(answer, inJson)
        && answer.getOthers().stream().allMatch(other -> complete(other, inJson));
  }

  private static boolean complete(Answer answer, boolean inJson) {
    List<ToolCall> calls =
        answer.getParts().stream()
            .filter(ToolCall.class::isInstance)
            .map(ToolCall.class::cast)
            .toList();
    boolean says =
        !answer.getText().isEmpty()
            || answer.getParts().stream().anyMatch(RawPart.class::isInstance);
    boolean ended =
        switch (answer.getFinishReason()) {
          case STOPPED -> says || !calls.isEmpty();
          case CALLS -> !calls.isEmpty();
          default -> false;
        };
    return ended
        && answer.getRefusal() == null
        && calls.stream().allMatch(Completeness::complete)
        && (!inJson || !calls.isEmpty() || isJson(answer.getText()));
  }

  /** A call without parameters may have no arguments at all. */
  private static boolean complete(ToolCall call) {
    return !call.getName().isEmpty()
        && (call.getArguments().isEmpty() || isJson(call.getArguments()));
  }

  private static boolean wantsJson(@Nullable ResponseFormat format) {
    return format != null && !format.getType().equals("text");
  }

  private static boolean isJson(String text) {
    try (JsonParser json = JSON.createParser(text)) {
      if (json.nextToken() == null) {
        return false;
      }
      json.skipChildren();
      return json.nextToken() == null;
    } catch (JsonProcessingException e) {
      return false;
    } catch (IOException e) {
      throw new IllegalStateException("text in memory could not be read", e);
    }
  }
}
