package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.Breakpoint;
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
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the turns of Anthropic's messages. System texts go to the top, what tools bring back is
 * said by the user, turns of one role that follow each other become one, and texts without content,
 * which Anthropic refuses, are left out.
 */
final class AnthropicTurns {
  // What a model wrote instead of an object, under a name that no schema will have.
  private static final String UNPARSED = "_unparsed";

  /** Thoughts, and what else may come, cannot be marked. */
  private static final Set<String> MARKABLE =
      Set.of("text", "image", "document", "tool_use", "tool_result");

  /** Roles whose texts go to the top. */
  private static final Set<String> RAISED = Set.of("system", "developer");

  private final Question question;
  private final ArrayNode system = JsonNodeFactory.instance.arrayNode();
  private final List<Turn> turns = new ArrayList<>();
  private final List<@Nullable ObjectNode> ends = new ArrayList<>();
  private @Nullable ObjectNode last;
  private boolean late;

  /** What one role said before the other spoke. */
  private record Turn(String role, ArrayNode blocks) {}

  private AnthropicTurns(Question question) {
    this.question = question;
  }

  static void write(Question question) {
    var writer = new AnthropicTurns(question);
    List<Message> asked = question.inquiry().request().getMessages();
    for (int i = 0; i < asked.size(); i++) {
      writer.add(asked.get(i), "messages[" + i + "]");
      writer.ends.add(writer.last);
    }
    writer.mark();
    ObjectNode body = question.body();
    if (!writer.system.isEmpty()) {
      body.set("system", plain(writer.system));
    }
    ArrayNode messages = body.putArray("messages");
    writer.turns.forEach(
        turn -> messages.addObject().put("role", turn.role).set("content", plain(turn.blocks)));
  }

  /** One text is a text. */
  private static JsonNode plain(ArrayNode blocks) {
    JsonNode only = blocks.path(0);
    return blocks.size() == 1 && only.size() == 2 && only.path("type").asText().equals("text")
        ? only.path("text")
        : blocks;
  }

  private void add(Message message, String where) {
    var blocks = new ArrayList<JsonNode>();
    if (message.getParts().isEmpty() && !message.getContent().isBlank()) {
      blocks.add(text(message.getContent()));
    }
    for (Object part : message.getParts()) {
      add(part, blocks, where);
    }
    if (message.getName() != null) {
      question.drop("name");
    }
    if (!blocks.isEmpty()) {
      late |= RAISED.contains(message.getRole()) && !turns.isEmpty();
      place(message.getRole(), where).addAll(blocks);
      last = (ObjectNode) blocks.getLast();
    }
  }

  /**
   * Marks the ends of prefixes. Where a system text went up from behind what was said, none ends
   * where it did in the request.
   */
  private void mark() {
    PromptCache cache = question.inquiry().promptCache();
    if (cache == null || late) {
      return;
    }
    for (Breakpoint end : cache.getBreakpoints()) {
      ObjectNode block = end.getMessages() == 0 ? null : ends.get(end.getMessages() - 1);
      if (block != null && MARKABLE.contains(block.path("type").asText())) {
        CacheMark.set(block, end.getLifetime());
      }
    }
  }

  private ArrayNode place(String role, String where) {
    return switch (role) {
      case "system", "developer" -> system;
      case "user", "tool" -> turn("user");
      case "assistant" -> turn("assistant");
      default -> throw new InexpressibleException(where + ": the role " + role);
    };
  }

  private ArrayNode turn(String role) {
    if (turns.isEmpty() || !turns.getLast().role.equals(role)) {
      turns.add(new Turn(role, JsonNodeFactory.instance.arrayNode()));
    }
    return turns.getLast().blocks;
  }

  private void add(Object part, List<JsonNode> blocks, String where) {
    switch (part) {
      case TextPart text -> {
        if (!text.getText().isBlank()) {
          blocks.add(CacheMark.set(text(text.getText()), text.getCacheFor()));
        }
      }
      case ImagePart image -> blocks.add(image(image, where));
      case ToolCall call -> blocks.add(call(call));
      case ToolResult result -> blocks.add(result(result, where));
      case Reasoning thought -> thought(thought, blocks);
      case RawPart raw -> {
        JsonNode tree = EmbeddedJson.object(raw.getJson(), where);
        blocks.add(
            CacheMark.set(
                question.inquiry().spoken()
                    ? (ObjectNode) tree
                    : ForeignParts.toAnthropic(tree, where),
                raw.getCacheFor()));
      }
      default -> throw new InexpressibleException("a part of " + where);
    }
  }

  private static ObjectNode text(String text) {
    return Json.object().put("type", "text").put("text", text);
  }

  private static ObjectNode image(ImagePart image, String where) {
    ObjectNode written = Json.object().put("type", "image");
    DataUrl data = DataUrl.parse(image.getUrl());
    if (data != null) {
      written.set("source", data.source());
    } else if (image.getUrl().startsWith("https://") || image.getUrl().startsWith("http://")) {
      written.putObject("source").put("type", "url").put("url", image.getUrl());
    } else {
      throw new InexpressibleException(where + ": an image that is neither data nor on the web");
    }
    return CacheMark.set(written, image.getCacheFor());
  }

  /**
   * The arguments as an object, which Anthropic demands. Those that are none, because a model broke
   * off or wrote nonsense, are sent as {@code {"_unparsed": "<text>"}}.
   */
  private static ObjectNode call(ToolCall call) {
    ObjectNode written =
        Json.object().put("type", "tool_use").put("id", call.getId()).put("name", call.getName());
    JsonNode input = Json.tree(call.getArguments());
    if (input != null && input.isObject()) {
      written.set("input", input);
    } else if (call.getArguments().isBlank()) {
      written.putObject("input");
    } else {
      written.putObject("input").put(UNPARSED, call.getArguments());
    }
    return CacheMark.set(written, call.getCacheFor());
  }

  private ObjectNode result(ToolResult result, String where) {
    ObjectNode written =
        Json.object().put("type", "tool_result").put("tool_use_id", result.getCallId());
    var content = new ArrayList<JsonNode>();
    result.getContent().forEach(part -> add(part, content, where + " (the result of a tool)"));
    if (!content.isEmpty()) {
      written.set("content", plain(JsonNodeFactory.instance.arrayNode().addAll(content)));
    }
    if (result.getFailed()) {
      written.put("is_error", true);
    }
    return CacheMark.set(written, result.getCacheFor());
  }

  /** Anthropic takes back only thoughts that it can tell to be its own. */
  private void thought(Reasoning thought, List<JsonNode> blocks) {
    if (thought.getRedacted() != null) {
      blocks.add(Json.object().put("type", "redacted_thinking").put("data", thought.getRedacted()));
    } else if (thought.getSignature() != null) {
      blocks.add(
          Json.object()
              .put("type", "thinking")
              .put("thinking", thought.getText())
              .put("signature", thought.getSignature()));
    } else {
      question.drop("reasoning_content");
    }
  }
}
