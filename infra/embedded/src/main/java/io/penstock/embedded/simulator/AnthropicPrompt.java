package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Renders the prompt of a message: tools, schema of the answer, system, messages, with the places
 * marked by {@code cache_control} (docs/measurements.md, Providers §2.4).
 */
final class AnthropicPrompt {
  private static final Duration SHORT = Duration.ofMinutes(5);
  private static final int MOST_MARKS = 4;
  private static final Set<String> ROLES = Set.of("user", "assistant");

  private AnthropicPrompt() {}

  static Prompt of(CallBody body) throws WrongRequestException {
    var prompt = new Prompt.Builder();
    for (JsonNode tool : body.get("tools")) {
      prompt.text(unmarked(tool), mark(tool, "tools"));
    }
    JsonNode format = AnthropicWish.format(body);
    if (format.isObject()) {
      prompt.text(format.toString(), null);
    }
    if (body.has("system")) {
      prompt.role("system");
      addContent(prompt, body.get("system"), "system");
    }
    int index = 0;
    Set<String> called = new HashSet<>();
    for (JsonNode message : body.messages()) {
      String field = "messages." + index++;
      checkTools(message, field, called);
      addMessage(prompt, message, field);
    }
    if (body.has("cache_control")) {
      prompt.keepAll(kept(body.get("cache_control"), "cache_control"));
    }
    check(prompt.asked());
    return prompt.build();
  }

  private static void addMessage(Prompt.Builder prompt, JsonNode message, String field)
      throws WrongRequestException {
    String role = message.path("role").asText();
    if (!ROLES.contains(role)) {
      throw WrongRequestException.at(
          field + ".role", field + ".role is " + message.path("role") + ": give user or assistant");
    }
    prompt.role(role);
    addContent(prompt, message.path("content"), field + ".content");
  }

  /** The result of a tool belongs to a call that the model made before. */
  private static void checkTools(JsonNode message, String field, Set<String> called)
      throws WrongRequestException {
    for (JsonNode block : message.path("content")) {
      if (block.path("type").asText().equals("tool_use")) {
        called.add(block.path("id").asText());
      } else if (block.path("type").asText().equals("tool_result")
          && !called.contains(block.path("tool_use_id").asText())) {
        throw WrongRequestException.at(
            field + ".content",
            field
                + ".content: unexpected `tool_use_id` found in `tool_result` blocks: "
                + block.path("tool_use_id").asText());
      }
    }
  }

  private static void addContent(Prompt.Builder prompt, JsonNode content, String field)
      throws WrongRequestException {
    if (content.isTextual()) {
      prompt.text(nonEmpty(content, field), null);
    } else if (content.isArray() && !content.isEmpty()) {
      for (JsonNode block : content) {
        if (block.path("type").asText().equals("image")) {
          prompt.image(unmarked(block), Prompt.IMAGE_TOKENS, mark(block, field));
        } else {
          prompt.text(text(block, field), mark(block, field));
        }
      }
    } else {
      throw WrongRequestException.at(
          field, field + " must be a string or a list of content blocks");
    }
  }

  /** The text of a block; what is no text counts as its JSON. */
  private static String text(JsonNode block, String field) throws WrongRequestException {
    String type = block.path("type").asText();
    if (type.isEmpty()) {
      throw WrongRequestException.at(field, field + ": a content block must have a type");
    }
    return type.equals("text") ? nonEmpty(block.path("text"), field) : unmarked(block);
  }

  /** A block as JSON without its mark: moving a mark does not change the prompt. */
  private static String unmarked(JsonNode block) {
    return block instanceof ObjectNode marked && marked.has("cache_control")
        ? marked.deepCopy().without("cache_control").toString()
        : block.toString();
  }

  private static String nonEmpty(JsonNode text, String field) throws WrongRequestException {
    if (!text.isTextual() || text.textValue().isEmpty()) {
      throw WrongRequestException.at(field, field + ": text content must be non-empty");
    }
    return text.textValue();
  }

  private static @Nullable Duration mark(JsonNode block, String field)
      throws WrongRequestException {
    return block.hasNonNull("cache_control")
        ? kept(block.path("cache_control"), field + ".cache_control")
        : null;
  }

  private static Duration kept(JsonNode control, String field) throws WrongRequestException {
    if (!control.path("type").asText().equals("ephemeral")) {
      throw WrongRequestException.at(field, field + ".type must be ephemeral");
    }
    return switch (control.path("ttl").asText("5m")) {
      case "5m" -> SHORT;
      case "1h" -> Caching.LONG;
      default ->
          throw WrongRequestException.at(
              field, field + ".ttl is " + control.path("ttl") + ": give 5m or 1h");
    };
  }

  private static void check(List<Duration> marks) throws WrongRequestException {
    if (marks.size() > MOST_MARKS) {
      throw WrongRequestException.at(
          "cache_control",
          "the request has " + marks.size() + " cache_control marks: give at most " + MOST_MARKS);
    }
    if (marks.lastIndexOf(Caching.LONG) > marks.indexOf(SHORT) && marks.contains(SHORT)) {
      throw WrongRequestException.at(
          "cache_control", "a cache_control with ttl 1h must come before those with 5m");
    }
  }
}
