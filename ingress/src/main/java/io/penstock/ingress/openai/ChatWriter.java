package io.penstock.ingress.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.ingress.json.Json;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.Usage;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes chat completions (docs/measurements.md, Providers §1.1). */
final class ChatWriter {
  private static final int ENVELOPE = 768;

  private ChatWriter() {}

  static byte[] completion(InferenceResponse response, Answer answer) {
    return Json.write(
        ENVELOPE + answer.getText().length(),
        json -> {
          json.writeStartObject();
          head(json, "chat.completion", response.getId(), response.getAcceptedAt());
          json.writeStringField("model", response.getModel());
          json.writeArrayFieldStart("choices");
          choice(json, 0, answer);
          for (int i = 0; i < answer.getOthers().size(); i++) {
            choice(json, i + 1, answer.getOthers().get(i));
          }
          json.writeEndArray();
          if (response.getUsage() != null) {
            usage(json, response.getUsage());
          }
          serviceTier(json, response);
          json.writeEndObject();
        });
  }

  static void head(JsonGenerator json, String object, String id, Instant at) throws IOException {
    json.writeStringField("id", "chatcmpl-" + id);
    json.writeStringField("object", object);
    json.writeNumberField("created", at.getEpochSecond());
  }

  static void serviceTier(JsonGenerator json, InferenceResponse response) throws IOException {
    if (response.getServiceTier() != null) {
      json.writeStringField("service_tier", response.getServiceTier());
    }
  }

  private static void choice(JsonGenerator json, int index, Answer answer) throws IOException {
    json.writeStartObject();
    json.writeNumberField("index", index);
    json.writeObjectFieldStart("message");
    json.writeStringField("role", "assistant");
    List<ToolCall> calls = of(ToolCall.class, answer);
    boolean saysNothing =
        answer.getText().isEmpty() && !(calls.isEmpty() && answer.getRefusal() == null);
    json.writeStringField("content", saysNothing ? null : answer.getText());
    json.writeStringField("refusal", answer.getRefusal());
    String thoughts = thoughts(answer);
    if (!thoughts.isEmpty()) {
      json.writeStringField("reasoning_content", thoughts);
    }
    if (!calls.isEmpty()) {
      json.writeArrayFieldStart("tool_calls");
      for (ToolCall call : calls) {
        json.writeStartObject();
        call(json, call.getId(), call.getName(), call.getArguments());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    json.writeEndObject();
    logprobs(json, answer);
    json.writeStringField("finish_reason", answer.getFinishReason());
    json.writeEndObject();
  }

  static void call(JsonGenerator json, @Nullable String id, @Nullable String name, String arguments)
      throws IOException {
    if (id != null) {
      json.writeStringField("id", id);
      json.writeStringField("type", "function");
    }
    json.writeObjectFieldStart("function");
    if (name != null) {
      json.writeStringField("name", name);
    }
    json.writeStringField("arguments", arguments);
    json.writeEndObject();
  }

  static void logprobs(JsonGenerator json, Answer answer) throws IOException {
    json.writeFieldName("logprobs");
    if (answer.getLogprobs() == null) {
      json.writeNull();
    } else {
      json.writeRawValue(Json.oneLine(answer.getLogprobs()));
    }
  }

  private static String thoughts(Answer answer) {
    var text = new StringBuilder();
    of(Reasoning.class, answer).forEach(thought -> text.append(thought.getText()));
    return text.toString();
  }

  private static <T> List<T> of(Class<T> kind, Answer answer) {
    return answer.getParts().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** Cached and written tokens are among the prompt's, and reasoning among the completion's. */
  static void usage(JsonGenerator json, Usage usage) throws IOException {
    long prompt = Tokens.of(usage).totalInput();
    json.writeObjectFieldStart("usage");
    json.writeNumberField("prompt_tokens", prompt);
    json.writeNumberField("completion_tokens", usage.getOutput());
    json.writeNumberField("total_tokens", prompt + usage.getOutput());
    json.writeObjectFieldStart("prompt_tokens_details");
    json.writeNumberField("cached_tokens", usage.getCacheRead());
    json.writeNumberField("cache_write_tokens", usage.getCacheWrite() + usage.getCacheWriteLong());
    json.writeNumberField("audio_tokens", usage.getAudioInput());
    json.writeEndObject();
    json.writeObjectFieldStart("completion_tokens_details");
    json.writeNumberField("reasoning_tokens", usage.getReasoning());
    json.writeNumberField("audio_tokens", usage.getAudioOutput());
    json.writeEndObject();
    json.writeEndObject();
  }
}
