package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.DeltaKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one choice's messages, or the deltas of one, in the order they come. Thoughts, text and
 * each tool call are a part, in the order they began.
 */
final class OpenAiPieces {
  private final int choice;
  private final Map<DeltaKind, Integer> kinds = new HashMap<>();
  private final Map<Integer, Call> calls = new HashMap<>();
  private int parts;
  private int lastCall;
  private boolean sameIndex;
  private boolean refused;
  private boolean spoken;

  /** A tool call that has begun. */
  private record Call(int part, @Nullable String id, boolean named) {}

  OpenAiPieces(int choice) {
    this.choice = choice;
  }

  /** Whether all that came was a refusal. */
  boolean refusal() {
    return refused && !spoken;
  }

  List<Delta> of(JsonNode message) {
    var pieces = new ArrayList<Delta>();
    String thought = Json.text(message, "reasoning_content"); // DeepSeek, vLLM, llama-server
    thought = thought == null ? Json.text(message, "reasoning") : thought; // OpenRouter, Groq
    if (thought != null) {
      pieces.add(piece(DeltaKind.REASONING, thought));
    }
    String text = Json.texts(message.path("content"));
    if (!text.isEmpty()) {
      spoken = true;
      pieces.add(piece(DeltaKind.TEXT, text));
    }
    String refusal = Json.text(message, "refusal");
    if (refusal != null) {
      refused = true;
      pieces.add(new Delta(DeltaKind.REFUSAL, choice, 0, refusal, null, null));
    }
    JsonNode asked = message.path("tool_calls");
    for (int i = 0; asked.isArray() && i < asked.size(); i++) {
      pieces.add(call(asked.get(i), asked.size() == 1 ? -1 : i));
    }
    if (message.path("function_call").isObject()) {
      pieces.add(call(0, message.path("function_call"), null));
    }
    return pieces;
  }

  private Delta piece(DeltaKind kind, String text) {
    int part = kinds.computeIfAbsent(kind, k -> parts++);
    return new Delta(kind, choice, part, text, null, null);
  }

  /**
   * @param position among the calls of its message; negative when it is the only one
   */
  private Delta call(JsonNode call, int position) {
    String id = Json.text(call, "id");
    JsonNode function =
        call.path("function").isObject() ? call.path("function") : call.path("custom");
    return call(index(call.path("index"), position, id), function, id);
  }

  /** Which call it is of: by its index, unless the server gives every call the same. */
  private int index(JsonNode told, int position, @Nullable String id) {
    int index = told.isInt() ? told.intValue() : position;
    if (index < 0 || (id == null && sameIndex)) {
      return id == null ? lastCall : indexOf(id); // Without an id it goes on.
    }
    Call begun = calls.get(index);
    if (begun != null && id != null && begun.id != null && !id.equals(begun.id)) {
      sameIndex = true;
      return indexOf(id);
    }
    return index;
  }

  private int indexOf(String id) {
    return calls.entrySet().stream()
        .filter(call -> id.equals(call.getValue().id))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseGet(() -> -1 - calls.size()); // Below all that a server counts.
  }

  private Delta call(int index, JsonNode function, @Nullable String id) {
    lastCall = index;
    Call begun = calls.get(index);
    String name = Json.text(function, "name");
    String arguments = arguments(function);
    if (begun != null) {
      return new Delta(
          DeltaKind.TOOL_CALL, choice, begun.part, arguments, null, begun.named ? null : name);
    }
    int part = parts++;
    spoken = true;
    calls.put(index, new Call(part, id, name != null));
    return new Delta(
        DeltaKind.TOOL_CALL,
        choice,
        part,
        arguments,
        id == null ? "call_" + choice + "_" + part : id,
        name == null ? "" : name);
  }

  private static String arguments(JsonNode function) {
    JsonNode arguments = function.path(function.has("arguments") ? "arguments" : "input");
    if (arguments.isObject()) {
      return Json.write(arguments);
    }
    return arguments.isTextual() ? arguments.textValue() : "";
  }
}
