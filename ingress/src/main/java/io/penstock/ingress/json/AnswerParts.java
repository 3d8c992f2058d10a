package io.penstock.ingress.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What an answer has beside its text: fields that are only there when there is something to say.
 */
final class AnswerParts {
  private AnswerParts() {}

  static void write(JsonGenerator json, Answer answer) throws IOException {
    if (!answer.getParts().isEmpty()) {
      json.writeArrayFieldStart("parts");
      for (Object part : answer.getParts()) {
        json.writeStartObject();
        part(json, part);
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    textIfPresent(json, "refusal", answer.getRefusal());
    textIfPresent(json, "stop_sequence", answer.getStopSequence());
    rawIfPresent(json, "logprobs", answer.getLogprobs());
    rawIfPresent(json, "embeddings", answer.getPayload());
    if (!answer.getDropped().isEmpty()) {
      json.writeArrayFieldStart("dropped");
      for (String parameter : answer.getDropped()) {
        json.writeString(parameter);
      }
      json.writeEndArray();
    }
    if (!answer.getOthers().isEmpty()) {
      json.writeArrayFieldStart("others");
      for (Answer other : answer.getOthers()) {
        json.writeStartObject();
        json.writeStringField("text", other.getText());
        json.writeStringField("finish_reason", other.getFinishReason());
        write(json, other);
        json.writeEndObject();
      }
      json.writeEndArray();
    }
  }

  private static void part(JsonGenerator json, Object part) throws IOException {
    switch (part) {
      case TextPart text -> {
        json.writeStringField("kind", "text");
        json.writeStringField("text", text.getText());
      }
      case Reasoning thought -> {
        json.writeStringField("kind", "reasoning");
        json.writeStringField("text", thought.getText());
        textIfPresent(json, "signature", thought.getSignature());
        textIfPresent(json, "redacted", thought.getRedacted());
      }
      case ToolCall call -> {
        json.writeStringField("kind", "tool_call");
        json.writeStringField("id", call.getId());
        json.writeStringField("name", call.getName());
        json.writeStringField("arguments", call.getArguments());
      }
      case RawPart raw -> {
        json.writeStringField("kind", "raw");
        rawIfPresent(json, "raw", raw.getJson());
      }
      default -> throw new IllegalArgumentException("no part of an answer: " + part.getClass());
    }
  }

  private static void textIfPresent(JsonGenerator json, String field, @Nullable String text)
      throws IOException {
    if (text != null) {
      json.writeStringField(field, text);
    }
  }

  private static void rawIfPresent(JsonGenerator json, String field, @Nullable String raw)
      throws IOException {
    if (raw != null) {
      json.writeFieldName(field);
      json.writeRawValue(Json.oneLine(raw));
    }
  }
}
