package io.penstock.ingress.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.ingress.json.Fields;
import io.penstock.ingress.json.Tree;
import io.penstock.ingress.json.Turns;
import io.penstock.schemas.avro.ImagePart;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.Tool;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolResult;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads Anthropic's content blocks and tools (docs/measurements.md, Providers §2.1). */
final class Blocks {
  private Blocks() {}

  /**
   * A turn whose content, a text or blocks, stands in this field.
   *
   * @param role of whoever said it
   */
  static Message turn(Fields holder, String field, String role) {
    JsonNode content = holder.peek(field);
    if (content != null && content.isTextual()) {
      holder.any(field);
      return new Message(role, content.textValue(), null, List.of());
    }
    var parts = new ArrayList<Object>();
    for (Fields block : holder.objects(field)) {
      parts.add(part(block));
    }
    return new Message(role, "", null, parts);
  }

  private static Object part(Fields block) {
    String type = block.text("type");
    if (type == null) {
      block.missing("type");
      return new TextPart("", null);
    }
    String cacheFor = Turns.cacheFor(block);
    Object known =
        switch (type) {
          case "text" -> new TextPart(required(block, "text"), cacheFor);
          case "image" -> image(block, cacheFor);
          case "tool_use" -> call(block, cacheFor);
          case "tool_result" -> result(block, cacheFor);
          case "thinking" ->
              new Reasoning(required(block, "thinking"), block.text("signature"), null);
          case "redacted_thinking" -> new Reasoning("", null, required(block, "data"));
          default -> null;
        };
    return known != null && block.allTaken()
        ? known
        : new RawPart(type, block.unmarked(), cacheFor);
  }

  private static String required(Fields block, String field) {
    if (!block.has(field)) {
      block.missing(field);
    }
    String text = block.text(field);
    return text == null ? "" : text;
  }

  private static @Nullable ImagePart image(Fields block, @Nullable String cacheFor) {
    Fields source = block.object("source");
    if (source == null) {
      block.missing("source");
      return null;
    }
    String type = source.text("type");
    return switch (type) {
      case "base64" ->
          new ImagePart(
              "data:" + required(source, "media_type") + ";base64," + required(source, "data"),
              null,
              cacheFor);
      case "url" -> new ImagePart(required(source, "url"), null, cacheFor);
      case null, default -> null; // a file of the provider's
    };
  }

  private static ToolCall call(Fields block, @Nullable String cacheFor) {
    JsonNode input = block.any("input");
    return new ToolCall(
        required(block, "id"),
        required(block, "name"),
        input == null ? "{}" : Tree.write(input),
        cacheFor);
  }

  private static ToolResult result(Fields block, @Nullable String cacheFor) {
    JsonNode content = block.peek("content");
    List<Object> said = new ArrayList<>();
    if (content != null && content.isTextual()) {
      block.any("content");
      said.add(new TextPart(content.textValue(), null));
    } else {
      for (Fields part : block.objects("content")) {
        Object read = part(part);
        boolean fits = read instanceof TextPart || read instanceof ImagePart;
        said.add(fits || read instanceof RawPart ? read : new RawPart("", part.unmarked(), null));
      }
    }
    return new ToolResult(required(block, "tool_use_id"), said, block.isTrue("is_error"), cacheFor);
  }

  /** The tools of a request; one of a kind that only Anthropic knows stays as it is. */
  static List<Tool> tools(Fields request) {
    var tools = new ArrayList<Tool>();
    for (Fields tool : request.objects("tools")) {
      String cacheFor = Turns.cacheFor(tool);
      String type = tool.text("type");
      String name = tool.text("name");
      JsonNode schema = tool.any("input_schema");
      var known =
          new Tool(
              name == null ? "" : name,
              tool.text("description"),
              schema == null ? null : Tree.write(schema),
              tool.truth("strict"),
              cacheFor,
              null);
      boolean plain = (type == null || type.equals("custom")) && tool.allTaken();
      tools.add(plain ? known : new Tool("", null, null, null, cacheFor, tool.unmarked()));
    }
    return tools;
  }
}
