package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.ImagePart;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.PromptCache;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolResult;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the turns of a chat completion. A turn of Anthropic's that brings back several results, or
 * results and words, becomes a turn for each result and one for the words.
 */
final class OpenAiTurns {
  private final Question question;
  private final ArrayNode messages = JsonNodeFactory.instance.arrayNode();

  private OpenAiTurns(Question question) {
    this.question = question;
  }

  static ArrayNode write(Question question) {
    var turns = new OpenAiTurns(question);
    List<Message> asked = question.inquiry().request().getMessages();
    var ends = new ArrayList<JsonNode>();
    for (int i = 0; i < asked.size(); i++) {
      turns.add(asked.get(i), "messages[" + i + "]");
      ends.add(turns.messages.path(turns.messages.size() - 1));
    }
    if (question.inquiry().traits().systemRole() == Traits.SystemRole.MERGE_USER) {
      return SystemTexts.toFirstUser(turns.messages);
    }
    PromptCache cache = question.inquiry().promptCache();
    if (cache != null) {
      cache.getBreakpoints().stream()
          .filter(end -> end.getMessages() > 0)
          .forEach(end -> mark(ends.get(end.getMessages() - 1)));
    }
    return turns.messages;
  }

  /** Marks the end of a prefix. Calls of tools, and what has no content, cannot be marked. */
  private static void mark(JsonNode turn) {
    JsonNode content = turn.path("content");
    if (turn.has("tool_calls")) {
      return;
    }
    if (content.isArray() && !content.isEmpty()) {
      breakpoint((ObjectNode) content.get(content.size() - 1));
    } else if (content.isTextual() && !content.textValue().isEmpty()) {
      breakpoint(
          ((ObjectNode) turn)
              .putArray("content")
              .addObject()
              .put("type", "text")
              .put("text", content.textValue()));
    }
  }

  private static void breakpoint(ObjectNode part) {
    part.putObject("prompt_cache_breakpoint").put("mode", "explicit");
  }

  private void add(Message message, String where) {
    if (message.getParts().isEmpty()) {
      named(turn(role(message.getRole())), message).put("content", message.getContent());
      return;
    }
    var said = new ArrayList<Object>();
    for (Object part : message.getParts()) {
      if (part instanceof ToolResult result) {
        turn("tool")
            .put("tool_call_id", result.getCallId())
            .set("content", content(result.getContent(), where + " (the result of a tool)", true));
      } else {
        said.add(part);
      }
    }
    if (!said.isEmpty()) {
      said(named(turn(role(message.getRole())), message), said, where);
    }
  }

  private ObjectNode turn(String role) {
    return messages.addObject().put("role", role);
  }

  private static ObjectNode named(ObjectNode turn, Message message) {
    return message.getName() == null ? turn : turn.put("name", message.getName());
  }

  private String role(String role) {
    return switch (question.inquiry().traits().systemRole()) {
      case DEVELOPER -> role;
      case SYSTEM, MERGE_USER -> role.equals("developer") ? "system" : role;
    };
  }

  private void said(ObjectNode turn, List<Object> parts, String where) {
    var content = new ArrayList<Object>();
    var thoughts = new StringBuilder();
    ArrayNode calls = JsonNodeFactory.instance.arrayNode();
    for (Object part : parts) {
      switch (part) {
        case ToolCall call -> calls.add(call(call));
        // A call of a tool that only OpenAI knows stands among the calls, not the content.
        case RawPart raw when raw.getType().equals("tool_call") && question.inquiry().spoken() ->
            calls.add(EmbeddedJson.object(raw.getJson(), where));
        case Reasoning thought -> thoughts.append(thought.getText());
        default -> content.add(part);
      }
    }
    turn.set(
        "content",
        content.isEmpty() ? JsonNodeFactory.instance.nullNode() : content(content, where, false));
    if (!calls.isEmpty()) {
      turn.set("tool_calls", calls);
    }
    if (!thoughts.isEmpty() && question.inquiry().spoken()) {
      turn.put("reasoning_content", thoughts.toString());
    } else if (parts.stream().anyMatch(Reasoning.class::isInstance)) {
      question.drop("thinking");
    }
  }

  private static JsonNode call(ToolCall call) {
    ObjectNode written = Json.object().put("id", call.getId()).put("type", "function");
    written.putObject("function").put("name", call.getName()).put("arguments", call.getArguments());
    return written;
  }

  /** One text is a text, which everybody understands; anything else is a list. */
  private JsonNode content(List<?> parts, String where, boolean result) {
    if (parts.isEmpty()) {
      return JsonNodeFactory.instance.textNode("");
    }
    if (parts.size() == 1
        && parts.getFirst() instanceof TextPart only
        && (only.getCacheFor() == null || !question.inquiry().spoken())) {
      marked(null, only.getCacheFor());
      return JsonNodeFactory.instance.textNode(only.getText());
    }
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    parts.forEach(part -> list.add(part(part, where, result)));
    return list;
  }

  private JsonNode part(Object part, String where, boolean result) {
    return switch (part) {
      case TextPart text ->
          marked(Json.object().put("type", "text").put("text", text.getText()), text.getCacheFor());
      case ImagePart image -> {
        if (result && !question.inquiry().spoken()) {
          throw new InexpressibleException("an image in " + where);
        }
        ObjectNode written = Json.object().put("type", "image_url");
        ObjectNode url = written.putObject("image_url").put("url", image.getUrl());
        if (image.getDetail() != null) {
          url.put("detail", image.getDetail());
        }
        yield marked(written, image.getCacheFor());
      }
      case RawPart raw -> {
        JsonNode tree = EmbeddedJson.object(raw.getJson(), where);
        yield question.inquiry().spoken()
            ? marked((ObjectNode) tree, raw.getCacheFor())
            : ForeignParts.toOpenAi(tree, where);
      }
      default -> throw new InexpressibleException("a part of " + where);
    };
  }

  /** A mark that OpenAI's own requester set goes with the part; another's is not understood. */
  private ObjectNode marked(@Nullable ObjectNode part, @Nullable String cacheFor) {
    ObjectNode written = part == null ? Json.object() : part;
    if (cacheFor != null) {
      if (question.inquiry().spoken()) {
        breakpoint(written);
      } else {
        question.drop("cache_control");
      }
    }
    return written;
  }
}
