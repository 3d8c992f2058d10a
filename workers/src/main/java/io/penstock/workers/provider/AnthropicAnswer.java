package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.policies.stream.Assembly;
import io.penstock.schemas.Limits;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.DeltaKind;
import io.penstock.schemas.avro.RawPart;
import org.jspecify.annotations.Nullable;

/** Reads a whole message of Anthropic's. */
final class AnthropicAnswer {
  private AnthropicAnswer() {}

  static Result read(Question question, JsonNode body) {
    Bill bill = bill(question, Json.text(body, "model"), body);
    if (body.hasNonNull("error")) {
      return Refusal.inside(question, body, bill);
    }
    JsonNode content = body.path("content");
    if (!content.isArray()) {
      return Result.Failed.garbled("no answer in a complete response", bill);
    }
    String stop = Json.text(body, "stop_reason");
    if (stop == null) {
      return Result.Failed.garbled(
          "an answer without a stop reason, which nobody may call complete", bill);
    }
    var assembly = new Assembly();
    for (int i = 0; i < content.size(); i++) {
      add(content.get(i), i, assembly);
    }
    return finished(question, assembly, stop, Json.text(body, "stop_sequence"), bill);
  }

  static Result finished(
      Question question, Assembly assembly, String stop, @Nullable String stopSequence, Bill bill) {
    Bill known =
        bill.usage() != null
            ? bill
            : bill.counted(TokenCount.of(question.inquiry(), null, assembly.visible()));
    if (assembly.bytes() > Limits.LARGEST_TEXT_BYTES) {
      return OpenAiAnswer.tooLarge(known);
    }
    var end = new Assembly.End(finishReason(stop), stopSequence, null);
    return new Result.Answered(assembly.answer(choice -> end, question.dropped()), known);
  }

  /**
   * @param holder of the usage; its tier is within
   */
  static Bill bill(Question question, @Nullable String model, JsonNode holder) {
    Inquiry inquiry = question.inquiry();
    return OpenAiAnswer.bill(
        inquiry,
        model,
        Json.text(holder.path("usage"), "service_tier"),
        inquiry.traits().usage().read(holder));
  }

  private static void add(JsonNode block, int part, Assembly assembly) {
    switch (Json.textOrEmpty(block, "type")) {
      case "text" -> {
        if (Json.text(block, "text") != null) { // An empty one is no part.
          assembly.add(piece(DeltaKind.TEXT, part, Json.textOrEmpty(block, "text")));
        }
      }
      case "thinking" -> {
        assembly.add(piece(DeltaKind.REASONING, part, Json.textOrEmpty(block, "thinking")));
        assembly.add(piece(DeltaKind.SIGNATURE, part, Json.textOrEmpty(block, "signature")));
      }
      case "redacted_thinking" ->
          assembly.add(piece(DeltaKind.REDACTED, part, Json.textOrEmpty(block, "data")));
      case "tool_use" ->
          assembly.add(
              call(block, part, block.has("input") ? Json.write(block.path("input")) : "{}"));
      default -> assembly.add(0, part, raw(block));
    }
  }

  static Delta piece(DeltaKind kind, int part, String text) {
    return new Delta(kind, 0, part, text, null, null);
  }

  static Delta call(JsonNode block, int part, String arguments) {
    return new Delta(
        DeltaKind.TOOL_CALL,
        0,
        part,
        arguments,
        Json.textOrEmpty(block, "id"),
        Json.textOrEmpty(block, "name"));
  }

  static RawPart raw(JsonNode block) {
    return new RawPart(Json.textOrEmpty(block, "type"), Json.write(block), null);
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
