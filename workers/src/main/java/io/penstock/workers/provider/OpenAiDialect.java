package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.policies.Reason;
import io.penstock.policies.calling.Advice;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Message;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's chat completions, and everyone who copies them (docs/measurements.md, Providers §1.1 and
 * §4).
 *
 * @param limit the name under which the bound on output tokens is sent
 * @param developer what becomes of the role {@code developer}
 */
public record OpenAiDialect(LimitField limit, DeveloperRole developer) implements Dialect {

  /** OpenAI renamed the field; the copies mostly know the old name only. */
  public enum LimitField {
    MAX_TOKENS,
    MAX_COMPLETION_TOKENS
  }

  /** OpenAI's own models know the role; elsewhere it is {@code system}. */
  public enum DeveloperRole {
    KEPT,
    AS_SYSTEM
  }

  /** As OpenAI itself speaks. */
  public static final OpenAiDialect ORIGINAL =
      new OpenAiDialect(LimitField.MAX_COMPLETION_TOKENS, DeveloperRole.KEPT);

  /** As vLLM, llama-server, Ollama and the other copies speak. */
  public static final OpenAiDialect COMPATIBLE =
      new OpenAiDialect(LimitField.MAX_TOKENS, DeveloperRole.AS_SYSTEM);

  @Override
  public String path() {
    return "chat/completions";
  }

  @Override
  public Map<String, String> headers(@Nullable ApiKey key) {
    return key == null ? Map.of() : Map.of("Authorization", "Bearer " + key.value());
  }

  @Override
  public ObjectNode question(String model, InferenceRequest request) {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("model", model);
    ArrayNode messages = body.putArray("messages");
    for (Message message : request.getMessages()) {
      messages.addObject().put("role", role(message)).put("content", message.getContent());
    }
    if (request.getMaxTokens() != null) {
      body.put(limit.name().toLowerCase(Locale.ROOT), request.getMaxTokens());
    }
    if (request.getTemperature() != null) {
      body.put("temperature", request.getTemperature());
    }
    return body;
  }

  private String role(Message message) {
    return switch (developer) {
      case KEPT -> message.getRole();
      case AS_SYSTEM -> message.getRole().equals("developer") ? "system" : message.getRole();
    };
  }

  @Override
  public Result read(JsonNode body) {
    String model = Json.text(body, "model");
    Tokens usage = UsageShapes.openAi(body.path("usage"));
    JsonNode choice = body.path("choices").path(0);
    JsonNode message = choice.path("message");
    String finish = Json.text(choice, "finish_reason");
    if (body.hasNonNull("error")) {
      return Result.Failed.garbled("an error under the status of a success", model, usage);
    }
    if (!message.isObject()) {
      return Result.Failed.garbled("no answer in a complete response", model, usage);
    }
    if (finish == null) {
      return Result.Failed.garbled(
          "an answer without a finish reason, which nobody may call complete", model, usage);
    }
    String text = Json.texts(message.path("content"));
    String refusal = Json.text(message, "refusal");
    if (text.isEmpty() && refusal != null) {
      return new Result.Answered(Answers.text(refusal, "content_filter"), model, usage);
    }
    return switch (finish) {
      // Servers that gave up in the middle say so in their own way (vLLM, OpenRouter).
      case "abort", "error" ->
          new Result.Failed(
              Reason.ANSWER_TRUNCATED,
              "the provider ended its answer with \"" + finish + "\"",
              Advice.NONE,
              model,
              usage);
      case "function_call" -> new Result.Answered(Answers.text(text, "tool_calls"), model, usage);
      default -> new Result.Answered(Answers.text(text, finish), model, usage);
    };
  }
}
