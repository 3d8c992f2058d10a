package io.penstock.ingress.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.policies.Reason;
import io.penstock.schemas.Messages;
import io.penstock.schemas.avro.ImagePart;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The turns of a conversation in OpenAI's words (docs/measurements.md, Providers §1.1), which are
 * also our own.
 */
public final class Turns {
  private static final String CONTENT = "content";
  private static final String USUAL_LIFETIME = "default";

  private final Unknown unknown;

  /** What becomes of parts that nobody here knows. */
  public enum Unknown {
    /** They go to providers that speak the same API. */
    KEPT,
    REFUSED
  }

  public Turns(Unknown unknown) {
    this.unknown = unknown;
  }

  /** The turns of the field {@code messages}. */
  public List<Message> read(Fields request) {
    var turns = new ArrayList<Message>();
    for (Fields turn : request.objects("messages")) {
      turns.add(turn(turn));
    }
    return turns;
  }

  Message turn(Fields turn) {
    String role = turn.text("role");
    if (role == null) {
      turn.missing("role");
      return Messages.text("", "");
    }
    String name = turn.text("name");
    Message read = role.equals("tool") ? result(turn, name) : said(turn, role, name);
    turn.any("annotations"); // what OpenAI says about an answer, and does not want back
    turn.refuseRest();
    return read;
  }

  private Message said(Fields turn, String role, @Nullable String name) {
    var parts = new ArrayList<Object>();
    String thought = turn.text("reasoning_content");
    if (thought != null) {
      parts.add(new Reasoning(thought, null, null));
    }
    JsonNode content = turn.peek(CONTENT);
    String plain = content != null && content.isTextual() ? content.textValue() : null;
    if (plain != null) {
      turn.any(CONTENT);
    } else {
      parts.addAll(content(turn));
    }
    String refusal = turn.text("refusal");
    List<Fields> calls = turn.objects("tool_calls");
    if (parts.isEmpty() && calls.isEmpty() && refusal == null && content != null && plain != null) {
      return new Message(role, plain, name, List.of());
    }
    if (plain != null && !plain.isEmpty()) {
      parts.add(new TextPart(plain, null));
    }
    if (refusal != null) {
      String json = Tree.write(Tree.newObject().put("type", "refusal").put("refusal", refusal));
      parts.add(new RawPart("refusal", json, null));
    }
    calls.forEach(call -> parts.add(call(call)));
    if (content == null && parts.isEmpty()) {
      turn.missing(CONTENT);
    }
    return new Message(role, "", name, parts);
  }

  private Message result(Fields turn, @Nullable String name) {
    String id = turn.text("tool_call_id");
    if (id == null) {
      turn.missing("tool_call_id");
    }
    JsonNode content = turn.peek(CONTENT);
    List<Object> said;
    if (content != null && content.isTextual()) {
      turn.any(CONTENT);
      said = List.of(new TextPart(content.textValue(), null));
    } else {
      said = content(turn);
    }
    var result = new ToolResult(id == null ? "" : id, said, false, null);
    return new Message("tool", "", name, List.of(result));
  }

  /** The parts of a list of parts. */
  private List<Object> content(Fields turn) {
    var parts = new ArrayList<Object>();
    JsonNode content = turn.peek(CONTENT);
    if (content != null && !content.isArray()) {
      turn.any(CONTENT);
      turn.fault(
          Reason.WRONG_TYPE, turn.at(CONTENT) + " must be a string or a list of parts", CONTENT);
    }
    for (Fields part : turn.objects(CONTENT)) {
      parts.add(part(part));
    }
    return parts;
  }

  private Object part(Fields part) {
    String type = part.text("type");
    String cacheFor = cacheFor(part);
    Object known =
        switch (type) {
          case "text" -> new TextPart(orEmpty(part.text("text")), cacheFor);
          case "image_url" -> image(part, cacheFor);
          case null, default -> null;
        };
    return known != null && part.allTaken() ? known : raw(part, type, cacheFor);
  }

  private static @Nullable Object image(Fields part, @Nullable String cacheFor) {
    Fields image = part.object("image_url");
    String url = image == null ? null : image.text("url");
    if (image == null || url == null) {
      return null;
    }
    var read = new ImagePart(url, image.text("detail"), cacheFor);
    return image.allTaken() ? read : null;
  }

  private RawPart raw(Fields part, @Nullable String type, @Nullable String cacheFor) {
    if (type == null) {
      part.missing("type");
    } else if (unknown == Unknown.REFUSED) {
      part.fault(
          Reason.INVALID_VALUE,
          "a part is {type: text, text} or {type: image_url, image_url: {url, detail?}}",
          "type");
    }
    return new RawPart(orEmpty(type), part.unmarked(), cacheFor);
  }

  private Object call(Fields call) {
    Fields function = call.object("function");
    String type = call.has("type") ? call.text("type") : "function";
    String id = call.text("id");
    if (function == null || !"function".equals(type) || id == null) {
      if (unknown == Unknown.REFUSED) {
        call.fault(
            Reason.INVALID_VALUE,
            "a call is {id, type: function, function: {name, arguments}}",
            "");
      }
      return new RawPart("tool_call", call.whole(), null);
    }
    String name = function.text("name");
    if (name == null) {
      function.missing("name");
    }
    String arguments = function.text("arguments");
    return new ToolCall(id, orEmpty(name), orEmpty(arguments), null);
  }

  /** Where a prefix worth caching ends, as OpenAI's explicit mode or Anthropic's marks say it. */
  public static @Nullable String cacheFor(Fields part) {
    boolean breakpoint = part.any(Fields.BREAKPOINT) instanceof ObjectNode;
    Fields control = part.object(Fields.CACHE_CONTROL);
    if (control == null) {
      return breakpoint ? USUAL_LIFETIME : null;
    }
    String lifetime = control.text("ttl");
    return switch (lifetime == null ? "" : lifetime.toLowerCase(Locale.ROOT)) {
      case "5m" -> "5m";
      case "1h" -> "1h";
      default -> USUAL_LIFETIME;
    };
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
