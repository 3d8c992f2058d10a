package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Anthropic's messages (docs/measurements.md, Providers §2.1). System texts go to the top, turns of
 * one role that follow each other become one, and texts without content, which Anthropic refuses,
 * are left out. A temperature above 1 is sent as 1, the highest that it knows.
 *
 * @param defaultMaxTokens sent when the requester sets no bound, because Anthropic requires one
 */
public record AnthropicDialect(int defaultMaxTokens) implements Dialect {
  public static final AnthropicDialect DEFAULT = new AnthropicDialect(4096);

  private static final String VERSION = "2023-06-01";
  private static final double HOTTEST = 1.0;

  @Override
  public String path() {
    return "v1/messages";
  }

  @Override
  public Map<String, String> headers(@Nullable ApiKey key) {
    var headers = new TreeMap<String, String>();
    headers.put("anthropic-version", VERSION);
    if (key != null) {
      headers.put("x-api-key", key.value());
    }
    return headers;
  }

  @Override
  public ObjectNode question(String model, InferenceRequest request) {
    Integer limit = request.getMaxTokens();
    ObjectNode body =
        JsonNodeFactory.instance
            .objectNode()
            .put("model", model)
            .put("max_tokens", limit == null ? defaultMaxTokens : limit);
    var system = new ArrayList<String>();
    var turns = new ArrayList<Turn>();
    for (Message message : request.getMessages()) {
      if (message.getContent().isBlank()) {
        continue;
      }
      switch (message.getRole()) {
        case "system", "developer" -> system.add(message.getContent());
        default -> Turn.add(turns, message);
      }
    }
    if (!system.isEmpty()) {
      putTexts(body, "system", system);
    }
    ArrayNode messages = body.putArray("messages");
    turns.forEach(
        turn -> putTexts(messages.addObject().put("role", turn.role), "content", turn.texts));
    if (request.getTemperature() != null) {
      body.put("temperature", Math.min(request.getTemperature(), HOTTEST));
    }
    return body;
  }

  /** What one role said before the other spoke. */
  private record Turn(String role, List<String> texts) {
    static void add(List<Turn> turns, Message message) {
      if (turns.isEmpty() || !turns.getLast().role.equals(message.getRole())) {
        turns.add(new Turn(message.getRole(), new ArrayList<>()));
      }
      turns.getLast().texts.add(message.getContent());
    }
  }

  private static void putTexts(ObjectNode node, String field, List<String> texts) {
    if (texts.size() == 1) {
      node.put(field, texts.getFirst());
      return;
    }
    ArrayNode blocks = node.putArray(field);
    texts.forEach(text -> blocks.addObject().put("type", "text").put("text", text));
  }

  @Override
  public Result read(JsonNode body) {
    String model = Json.text(body, "model");
    Tokens usage = UsageShapes.anthropic(body.path("usage"));
    String stop = Json.text(body, "stop_reason");
    if (body.hasNonNull("error")) {
      return Result.Failed.garbled("an error under the status of a success", model, usage);
    }
    if (!body.path("content").isArray()) {
      return Result.Failed.garbled("no answer in a complete response", model, usage);
    }
    if (stop == null) {
      return Result.Failed.garbled(
          "an answer without a stop reason, which nobody may call complete", model, usage);
    }
    return new Result.Answered(
        Answers.text(Json.texts(body.path("content")), finishReason(stop)), model, usage);
  }

  private static String finishReason(String stop) {
    return switch (stop) {
      case "end_turn", "stop_sequence", "pause_turn" -> "stop";
      case "max_tokens", "model_context_window_exceeded" -> "length";
      case "tool_use" -> "tool_calls";
      case "refusal" -> "content_filter";
      default -> stop;
    };
  }
}
