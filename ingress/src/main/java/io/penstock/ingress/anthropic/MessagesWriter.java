package io.penstock.ingress.anthropic;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.ingress.json.Json;
import io.penstock.ingress.json.Tree;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.Usage;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes Anthropic's messages (docs/measurements.md, Providers §2.1). */
final class MessagesWriter {
  private static final int ENVELOPE = 640;

  /** This API has no other word for what is not known. */
  static final Usage NOT_KNOWN = Tokens.plain(0, 0).toUsage();

  /** Arguments that are no JSON object, under a name that none has. */
  private static final String UNPARSED = "_unparsed";

  private MessagesWriter() {}

  static byte[] message(InferenceResponse response, Answer answer) {
    return Json.write(
        ENVELOPE + answer.getText().length(),
        json -> {
          json.writeStartObject();
          head(json, response.getId(), response.getModel());
          json.writeArrayFieldStart("content");
          for (Object part : parts(answer)) {
            json.writeStartObject();
            block(json, part);
            json.writeEndObject();
          }
          json.writeEndArray();
          stop(json, answer);
          usage(json, response);
          json.writeEndObject();
        });
  }

  static void head(JsonGenerator json, String id, @Nullable String model) throws IOException {
    json.writeStringField("id", "msg_" + id);
    json.writeStringField("type", "message");
    json.writeStringField("role", "assistant");
    json.writeStringField("model", model);
  }

  static void stop(JsonGenerator json, Answer answer) throws IOException {
    json.writeStringField("stop_reason", stopReason(answer));
    json.writeStringField("stop_sequence", answer.getStopSequence());
  }

  private static String stopReason(Answer answer) {
    return switch (answer.getFinishReason()) {
      case "stop" -> answer.getStopSequence() == null ? "end_turn" : "stop_sequence";
      case "length" -> "max_tokens";
      case "tool_calls", "function_call" -> "tool_use";
      case "content_filter" -> "refusal";
      case String other -> other;
    };
  }

  /** A refusal in words is, in this API, the text of an answer that stopped for it. */
  private static List<?> parts(Answer answer) {
    if (!answer.getParts().isEmpty()) {
      return answer.getParts();
    }
    String text = answer.getText().isEmpty() ? answer.getRefusal() : answer.getText();
    return text == null || text.isEmpty() ? List.of() : List.of(new TextPart(text, null));
  }

  private static void block(JsonGenerator json, Object part) throws IOException {
    switch (part) {
      case TextPart text -> {
        json.writeStringField("type", "text");
        json.writeStringField("text", text.getText());
      }
      case Reasoning thought when thought.getRedacted() != null -> {
        json.writeStringField("type", "redacted_thinking");
        json.writeStringField("data", thought.getRedacted());
      }
      case Reasoning thought -> {
        json.writeStringField("type", "thinking");
        json.writeStringField("thinking", thought.getText());
        json.writeStringField(
            "signature", thought.getSignature() == null ? "" : thought.getSignature());
      }
      case ToolCall call -> {
        json.writeStringField("type", "tool_use");
        json.writeStringField("id", call.getId());
        json.writeStringField("name", call.getName());
        json.writeFieldName("input");
        input(json, call.getArguments());
      }
      case RawPart raw -> raw(json, raw);
      default -> throw new IllegalArgumentException("no part of an answer: " + part.getClass());
    }
  }

  private static void input(JsonGenerator json, String arguments) throws IOException {
    JsonNode input = Tree.parse(arguments);
    if (input != null && input.isObject()) {
      json.writeRawValue(Json.oneLine(arguments));
      return;
    }
    json.writeStartObject();
    if (!arguments.isBlank()) {
      json.writeStringField(UNPARSED, arguments);
    }
    json.writeEndObject();
  }

  /** The fields of a block that only its API knows. */
  static void raw(JsonGenerator json, RawPart raw) throws IOException {
    JsonNode tree = Tree.parse(raw.getJson());
    if (tree == null || !tree.isObject()) {
      json.writeStringField("type", raw.getType());
      return;
    }
    for (var field : tree.properties()) {
      json.writeFieldName(field.getKey());
      json.writeRawValue(Tree.write(field.getValue()));
    }
  }

  static void usage(JsonGenerator json, InferenceResponse response) throws IOException {
    Usage usage = response.getUsage();
    json.writeObjectFieldStart("usage");
    counts(json, usage == null ? NOT_KNOWN : usage);
    if (response.getServiceTier() != null) {
      json.writeStringField("service_tier", response.getServiceTier());
    }
    json.writeEndObject();
  }

  /** Read and written tokens are beside the input's. */
  static void counts(JsonGenerator json, Usage usage) throws IOException {
    json.writeNumberField("input_tokens", usage.getUncachedInput());
    json.writeNumberField(
        "cache_creation_input_tokens", usage.getCacheWrite() + usage.getCacheWriteLong());
    json.writeNumberField("cache_read_input_tokens", usage.getCacheRead());
    json.writeObjectFieldStart("cache_creation");
    json.writeNumberField("ephemeral_5m_input_tokens", usage.getCacheWrite());
    json.writeNumberField("ephemeral_1h_input_tokens", usage.getCacheWriteLong());
    json.writeEndObject();
    json.writeNumberField("output_tokens", usage.getOutput());
    if (usage.getWebSearches() > 0) {
      json.writeObjectFieldStart("server_tool_use");
      json.writeNumberField("web_search_requests", usage.getWebSearches());
      json.writeEndObject();
    }
  }
}
