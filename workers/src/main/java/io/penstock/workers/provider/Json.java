package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** Reading JSON that nobody promised us. */
final class Json {
  private Json() {}

  /** The field's text; null when it is absent, empty or of another type. */
  static @Nullable String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isTextual() && !value.textValue().isEmpty() ? value.textValue() : null;
  }

  /** A text, or the text blocks of a list, one after the other; empty when there are none. */
  static String texts(JsonNode content) {
    if (!content.isArray()) {
      return content.isTextual() ? content.textValue() : "";
    }
    var texts = new StringBuilder();
    for (JsonNode block : content) {
      String text = text(block, "text");
      if ("text".equals(text(block, "type")) && text != null) {
        texts.append(text);
      }
    }
    return texts.toString();
  }
}
