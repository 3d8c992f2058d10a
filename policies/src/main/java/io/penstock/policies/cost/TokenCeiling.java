package io.penstock.policies.cost;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.ImagePart;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.ResponseFormat;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.Tool;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolResult;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How many tokens a call may use at most, as far as its request tells. A token of text is at least
 * one byte of it, so its bytes bound its tokens, whoever wrote it to whatever end. What the
 * provider fetches or searches by itself has no bound that anyone could tell.
 *
 * @param input tokens
 * @param beyondAnswers output tokens that are charged beside the answers: a prediction that was
 *     wrong
 * @param plain whether all of it is text
 */
public record TokenCeiling(long input, long beyondAnswers, boolean plain) {
  private static final ObjectMapper JSON = new ObjectMapper();

  // What a model's template writes around a request, and around each turn of it.
  private static final long AROUND_ALL = 128;
  private static final long AROUND_TURN = 8;

  // How a model is told to use tools, and what it is told of one that its provider describes.
  private static final long ABOUT_TOOLS = 1_024;
  private static final long DESCRIBED_BY_PROVIDER = 2_048;

  /** Tools that the requester runs, though only the provider's API knows them. */
  private static final Set<String> RUN_BY_REQUESTER =
      Set.of("custom", "bash", "text_editor", "memory", "computer");

  /** Fields that make the provider read, call or charge for more than the request shows. */
  private static final Set<String> OPEN_ENDED =
      Set.of(
          "audio",
          "best_of",
          "container",
          "conversation",
          "inference_geo",
          "mcp_servers",
          "models",
          "plugins",
          "previous_response_id",
          "search_parameters",
          "speed",
          "web_search",
          "web_search_options");

  /**
   * The bound for one model; empty when there is none.
   *
   * @param model that is to read it
   */
  public static Optional<TokenCeiling> of(InferenceRequest request, String model) {
    Options options = request.getOptions();
    String extra = options == null ? null : options.getExtra();
    if (openEnded(extra)) {
      return Optional.empty();
    }
    var count = new Count(model);
    if (request.getEndpoint() != Endpoint.EMBEDDINGS) {
      count.input = AROUND_ALL;
    }
    count.text(request.getInput());
    for (Message message : request.getMessages()) {
      count.turn(message);
    }
    if (options != null) {
      count.options(options);
    }
    return count.unbounded
        ? Optional.empty()
        : Optional.of(new TokenCeiling(count.input, bytes(extra), count.plain));
  }

  private static boolean openEnded(@Nullable String extra) {
    if (extra == null) {
      return false;
    }
    JsonNode fields = read(extra);
    return !fields.isObject() || OPEN_ENDED.stream().anyMatch(fields::hasNonNull);
  }

  private static final class Count {
    private final String model;
    private long input;
    private boolean plain = true;
    private boolean unbounded;

    Count(String model) {
      this.model = model;
    }

    void text(@Nullable String text) {
      input += bytes(text);
    }

    void turn(Message message) {
      input += AROUND_TURN;
      text(message.getName());
      text(message.getContent());
      parts(message.getParts());
    }

    void options(Options options) {
      if (!options.getTools().isEmpty()) {
        input += ABOUT_TOOLS;
      }
      for (Tool tool : options.getTools()) {
        input += AROUND_TURN;
        text(tool.getName());
        text(tool.getDescription());
        text(tool.getParameters());
        raw(tool.getRaw());
      }
      ResponseFormat format = options.getResponseFormat();
      if (format != null) {
        input += ABOUT_TOOLS;
        text(format.getName());
        text(format.getDescription());
        text(format.getSchema$());
      }
      text(options.getExtra());
    }

    private void raw(@Nullable String tool) {
      if (tool != null) {
        String type = read(tool).path("type").asText().replaceFirst("_\\d{8}$", "");
        unbounded |= !RUN_BY_REQUESTER.contains(type);
        input += DESCRIBED_BY_PROVIDER;
        text(tool);
      }
    }

    private void parts(List<?> parts) {
      parts.forEach(this::part);
    }

    private void part(Object part) {
      input += AROUND_TURN;
      switch (part) {
        case TextPart text -> text(text.getText());
        case ImagePart _ -> {
          plain = false;
          input += ImageEstimate.atMost(model);
        }
        case ToolCall call -> {
          text(call.getId());
          text(call.getName());
          text(call.getArguments());
        }
        case ToolResult result -> parts(result.getContent());
        case Reasoning thought -> {
          text(thought.getText());
          text(thought.getSignature());
          text(thought.getRedacted());
        }
        case RawPart raw -> {
          plain = false;
          unbounded |= reachesOut(read(raw.getJson()));
          text(raw.getJson());
        }
        default -> throw new IllegalArgumentException("no part of a message: " + part.getClass());
      }
    }
  }

  /** Whether the provider finds there, or makes of it, more than the part itself holds. */
  private static boolean reachesOut(JsonNode part) {
    String type = part.path("type").asText();
    if (type.equals("file") || type.contains("video")) {
      return true; // A page may be a few bytes.
    }
    return part.findValue("file_id") != null
        || part.findValue("url") != null
        || part.findValuesAsText("media_type").contains("application/pdf")
        || part.findValuesAsText("type").contains("image"); // Inside of a document, uncounted.
  }

  private static JsonNode read(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      return JSON.missingNode();
    }
  }

  private static long bytes(@Nullable String text) {
    return text == null ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
  }
}
