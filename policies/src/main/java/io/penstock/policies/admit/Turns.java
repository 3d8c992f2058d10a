package io.penstock.policies.admit;

import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.ImagePart;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.RawPart;
import io.penstock.schemas.avro.Reasoning;
import io.penstock.schemas.avro.TextPart;
import io.penstock.schemas.avro.ToolCall;
import io.penstock.schemas.avro.ToolResult;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is wrong with a conversation; one use per request. */
final class Turns {
  /** So that framing, which the limit on text does not count, fits a record beside it. */
  static final int MOST_PARTS = 10_000;

  private static final int LONGEST_NAME = 256;
  private static final Set<String> DETAILS = Set.of("low", "high", "auto");
  private static final Set<String> LIFETIMES = Set.of("5m", "1h", "default");
  private static final String BASE64 = ";base64,";

  private final List<Message> messages;
  private final Words words;
  private final Set<String> calls = new HashSet<>();
  private boolean callsWeCannotRead;
  private boolean asks;
  private int parts;

  private Turns(InferenceRequest request) {
    this.messages = request.getMessages();
    this.words = Words.of(request);
  }

  static Optional<Failure> fault(InferenceRequest request) {
    return new Turns(request).fault();
  }

  private Optional<Failure> fault() {
    if (messages.size() > Admission.MOST_TURNS) {
      return invalid(
          "a conversation has at most "
              + Admission.MOST_TURNS
              + " messages; it has "
              + messages.size(),
          "messages");
    }
    for (int i = 0; i < messages.size(); i++) {
      Optional<Failure> fault = fault(messages.get(i), words.turn(messages, i));
      if (fault.isPresent()) {
        return fault;
      }
    }
    return asks
        ? Optional.empty()
        : Optional.of(
            Reason.EMPTY_PROMPT.because(
                "the prompt is empty: send \"prompt\", or \"messages\" with some content",
                "prompt"));
  }

  private Optional<Failure> fault(Message turn, String at) {
    if (!Roles.ALL.contains(turn.getRole())) {
      return invalid(
          "role must be one of "
              + String.join(", ", Roles.ALL)
              + "; it is \""
              + Excerpt.of(turn.getRole())
              + "\"",
          at + ".role");
    }
    String name = turn.getName();
    if (name != null && (name.isBlank() || name.length() > LONGEST_NAME)) {
      return invalid(unfit("the name of a speaker", name), at + ".name");
    }
    asks |= !turn.getContent().isBlank();
    List<?> all = turn.getParts();
    if (turn.getRole().equals(Roles.TOOL) && all.isEmpty()) {
      return invalid(
          "a turn of the role tool says which tool call it answers: give its id", at + ".role");
    }
    if (!all.isEmpty() && !turn.getContent().isEmpty()) {
      return invalid("a turn has either a text or parts, not both", at + ".content");
    }
    parts += all.size();
    if (parts > MOST_PARTS) {
      return invalid("a conversation has at most " + MOST_PARTS + " parts", "messages");
    }
    for (int i = 0; i < all.size(); i++) {
      Object part = all.get(i);
      String place = words.part(at, all, i);
      Optional<Failure> fault =
          roleFault(turn.getRole(), part, place).or(() -> partFault(part, place));
      if (fault.isPresent()) {
        return fault;
      }
    }
    return Optional.empty();
  }

  /** Who may say what. */
  private static Optional<Failure> roleFault(String role, Object part, String at) {
    boolean may =
        switch (part) {
          case TextPart _ -> !role.equals(Roles.TOOL);
          case ImagePart _ -> role.equals(Roles.USER);
          case ToolCall _, Reasoning _ -> role.equals(Roles.ASSISTANT);
          case ToolResult _ -> role.equals(Roles.TOOL) || role.equals(Roles.USER);
          case RawPart _ -> !role.equals(Roles.TOOL);
          default -> throw unknown(part);
        };
    return may
        ? Optional.empty()
        : invalid("a turn of the role " + role + " has no " + what(part) + " in it", at);
  }

  private static String what(Object part) {
    return switch (part) {
      case TextPart _ -> "text of its own";
      case ImagePart _ -> "image";
      case ToolCall _ -> "tool call";
      case Reasoning _ -> "reasoning";
      case ToolResult _ -> "tool result";
      case RawPart raw -> "part of the type " + Excerpt.of(raw.getType());
      default -> throw unknown(part);
    };
  }

  private Optional<Failure> partFault(Object part, String at) {
    return switch (part) {
      case TextPart text -> {
        asks |= !text.getText().isBlank();
        yield lifetimeFault(text.getCacheFor(), at);
      }
      case ImagePart image -> {
        asks = true;
        yield imageFault(image, at).or(() -> lifetimeFault(image.getCacheFor(), at));
      }
      case ToolCall call -> {
        asks = true;
        yield callFault(call, at).or(() -> lifetimeFault(call.getCacheFor(), at));
      }
      case ToolResult result -> {
        asks = true;
        yield resultFault(result, at).or(() -> lifetimeFault(result.getCacheFor(), at));
      }
      case RawPart raw -> {
        asks = true;
        callsWeCannotRead = true;
        yield rawFault(raw, at).or(() -> lifetimeFault(raw.getCacheFor(), at));
      }
      case Reasoning _ -> Optional.empty();
      default -> throw unknown(part);
    };
  }

  private Optional<Failure> imageFault(ImagePart image, String at) {
    String url = image.getUrl();
    String field = at + words.image();
    if (url.regionMatches(true, 0, "data:", 0, 5)) {
      int data = url.indexOf(BASE64);
      boolean isImage =
          url.regionMatches(true, 0, "data:image/", 0, 11) && data > 0 && url.indexOf(',') > data;
      if (!isImage || !isBase64(url, data + BASE64.length())) {
        return invalid(
            "an image in a data URL looks like data:image/png;base64,<data>; this one begins with \""
                + Excerpt.of(url)
                + "\"",
            field);
      }
    } else {
      String lower = url.substring(0, Math.min(8, url.length())).toLowerCase(Locale.ROOT);
      boolean web = lower.equals("https://") || lower.startsWith("http://");
      if (!web || url.length() <= lower.length() || url.chars().anyMatch(c -> c <= ' ')) {
        return invalid(
            "an image is a data URL, or a URL of http or https; it is \"" + Excerpt.of(url) + "\"",
            field);
      }
    }
    String detail = image.getDetail();
    return detail == null || DETAILS.contains(detail)
        ? Optional.empty()
        : invalid(
            "the detail of an image is low, high or auto; it is \"" + Excerpt.of(detail) + "\"",
            field + ".detail");
  }

  private static boolean isBase64(String url, int from) {
    int end = url.length();
    while (end > from && end > url.length() - 2 && url.charAt(end - 1) == '=') {
      end--;
    }
    for (int i = from; i < end; i++) {
      char c = url.charAt(i);
      boolean fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!fits && c != '+' && c != '/') {
        return false;
      }
    }
    return end > from;
  }

  /** Its arguments are the model's words, broken or not: they go back as they came. */
  private Optional<Failure> callFault(ToolCall call, String at) {
    calls.add(call.getId());
    if (call.getId().isBlank() || call.getId().length() > LONGEST_NAME) {
      return invalid(unfit("the id of a tool call", call.getId()), at + ".id");
    }
    return call.getName().isBlank() || call.getName().length() > LONGEST_NAME
        ? invalid(unfit("the name of a tool", call.getName()), at + words.callName())
        : Optional.empty();
  }

  private Optional<Failure> resultFault(ToolResult result, String at) {
    if (!callsWeCannotRead && !calls.contains(result.getCallId())) {
      return invalid(
          "no turn before has a tool call with the id \"" + Excerpt.of(result.getCallId()) + "\"",
          at + words.callId());
    }
    parts += result.getContent().size();
    for (int i = 0; i < result.getContent().size(); i++) {
      Object part = result.getContent().get(i);
      Optional<Failure> fault = partFault(part, at + ".content[" + i + "]");
      if (fault.isPresent()) {
        return fault;
      }
    }
    return Optional.empty();
  }

  private static Optional<Failure> rawFault(RawPart raw, String at) {
    return Json.objectFault(raw.getJson())
        .flatMap(fault ->
            invalid(
                "a part of the type " + Excerpt.of(raw.getType()) + " is a JSON object; " + fault,
                at));
  }

  static Optional<Failure> lifetimeFault(@Nullable String cacheFor, String at) {
    return cacheFor == null || LIFETIMES.contains(cacheFor)
        ? Optional.empty()
        : invalid(
            "a prefix is cached for 5m, 1h or default; it is \"" + Excerpt.of(cacheFor) + "\"",
            at + ".cache_control");
  }

  static String unfit(String what, String value) {
    return what
        + " must not be blank, nor longer than "
        + LONGEST_NAME
        + " characters; it is \""
        + Excerpt.of(value)
        + "\"";
  }

  private static IllegalStateException unknown(Object part) {
    return new IllegalStateException("a new kind of part: " + part.getClass());
  }

  private static Optional<Failure> invalid(String message, String field) {
    return Optional.of(Reason.INVALID_VALUE.because(message, field));
  }
}
