package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Renders the prompts of OpenAI's calls. That of a chat completion: tools, schema of the answer,
 * messages (docs/measurements.md, Providers §1.6).
 */
final class OpenAiPrompt {
  /** How long a marked prefix is kept; the only value there is. */
  private static final Duration MARK_KEPT = Duration.ofMinutes(30);

  private static final Set<String> ROLES =
      Set.of("system", "developer", "user", "assistant", "tool", "function");

  private OpenAiPrompt() {}

  static Prompt of(CallBody body) throws WrongRequestException {
    var prompt = new Prompt.Builder();
    for (JsonNode tool : body.get("tools")) {
      prompt.text(tool.toString(), null);
    }
    if (body.get("response_format").has("json_schema")) {
      prompt.text(body.get("response_format").path("json_schema").toString(), null);
    }
    int index = 0;
    Set<String> called = new HashSet<>();
    for (JsonNode message : body.messages()) {
      String field = "messages[" + index++ + "]";
      message.path("tool_calls").forEach(call -> called.add(call.path("id").asText()));
      checkResult(message, field, called);
      add(prompt, message, field);
    }
    return prompt.build();
  }

  /**
   * A text, or a list of them; a text may also be a list of token numbers.
   *
   * @param most how many there may be
   */
  static Prompt ofTexts(JsonNode texts, String field, int most) throws WrongRequestException {
    var prompt = new Prompt.Builder();
    boolean several = texts.isArray() && !texts.path(0).isNumber();
    if (!several) {
      addText(prompt, texts, field);
    }
    if (several && (texts.isEmpty() || texts.size() > most)) {
      throw WrongRequestException.at(
          field, field + " has " + texts.size() + " texts: give from 1 to " + most);
    }
    for (JsonNode text : several ? texts : Json.MAPPER.createArrayNode()) {
      addText(prompt, text, field);
    }
    return prompt.build();
  }

  private static void addText(Prompt.Builder prompt, JsonNode text, String field)
      throws WrongRequestException {
    if (text.isTextual() && !text.textValue().isEmpty()) {
      prompt.text(text.textValue(), null);
    } else if (text.isArray() && text.path(0).isIntegralNumber()) {
      prompt.numbers(text);
    } else {
      throw WrongRequestException.at(
          field, field + " must be a text or a list of texts, none of them empty");
    }
  }

  private static void add(Prompt.Builder prompt, JsonNode message, String field)
      throws WrongRequestException {
    String role = message.path("role").asText();
    if (!ROLES.contains(role)) {
      throw WrongRequestException.at(
          field + ".role", "role is " + message.path("role") + ": give one of " + ROLES);
    }
    prompt.role(role);
    JsonNode content = message.path("content");
    JsonNode toolCalls = message.path("tool_calls");
    if (content.isTextual()) {
      prompt.text(content.textValue(), null);
    } else if (content.isArray() && !content.isEmpty()) {
      for (JsonNode part : content) {
        if (part.path("type").asText().equals("image_url")) {
          prompt.image(part.toString(), imageTokens(part), mark(part));
        } else {
          prompt.text(text(part, field + ".content"), mark(part));
        }
      }
    } else if (toolCalls.isEmpty() && message.path("function_call").isMissingNode()) {
      throw WrongRequestException.at(
          field + ".content", "content must be a string or a list of parts");
    }
    for (JsonNode call : toolCalls) {
      prompt.text(call.toString(), null);
    }
  }

  /** The result of a tool belongs to a call that the model made before. */
  private static void checkResult(JsonNode message, String field, Set<String> called)
      throws WrongRequestException {
    if (message.path("role").asText().equals("tool")
        && !called.contains(message.path("tool_call_id").asText())) {
      throw WrongRequestException.at(
          field + ".tool_call_id",
          "tool_call_id is "
              + message.path("tool_call_id")
              + ": no message before has a call with that id in its tool_calls");
    }
  }

  private static int imageTokens(JsonNode part) {
    return part.at("/image_url/detail").asText().equals("low")
        ? Prompt.SMALL_IMAGE_TOKENS
        : Prompt.IMAGE_TOKENS;
  }

  /** The text of a content part; what is no text counts as its JSON. */
  private static String text(JsonNode part, String field) throws WrongRequestException {
    if (!part.path("type").isTextual()) {
      throw WrongRequestException.at(field, "a content part must be an object with a type");
    }
    JsonNode text = part.path("text");
    return text.isTextual() ? text.textValue() : part.toString();
  }

  private static @Nullable Duration mark(JsonNode part) {
    return part.has("prompt_cache_breakpoint") ? MARK_KEPT : null;
  }
}
