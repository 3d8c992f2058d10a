package io.penstock.workers.provider;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.Limits;
import org.jspecify.annotations.Nullable;

/** Reading JSON that nobody promised us, and writing our own. */
final class Json {
  // A byte of text may be written as six, escaped, and something stands around the text; what is
  // larger still is no answer of ours.
  static final int LARGEST_BODY = 6 * Limits.LARGEST_TEXT_BYTES + 1024 * 1024;

  // A tree takes some fifty bytes for each token, however short it is written.
  private static final long MOST_TOKENS = 1_000_000;

  /** Keeps numbers to the digit: what passes through must come out as it went in. */
  static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxStringLength(LARGEST_BODY) // The bound on a body is enough.
                          .maxTokenCount(MOST_TOKENS)
                          .build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private Json() {}

  static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** The field's text; null when it is absent, empty or of another type. */
  static @Nullable String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isTextual() && !value.textValue().isEmpty() ? value.textValue() : null;
  }

  /** The field's text, white space and all; empty when it is absent or of another type. */
  static String textOrEmpty(JsonNode node, String field) {
    JsonNode value = node.path(field);
    return value.isTextual() ? value.textValue() : "";
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

  static String write(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree could not be written", e);
    }
  }

  static byte[] bytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree could not be written", e);
    }
  }

  /** The tree; null when the text is no JSON, or more than one. */
  static @Nullable JsonNode tree(String json) {
    try {
      JsonNode tree =
          MAPPER.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).readTree(json);
      return tree == null || tree.isMissingNode() ? null : tree;
    } catch (JsonProcessingException e) {
      return null;
    }
  }
}
