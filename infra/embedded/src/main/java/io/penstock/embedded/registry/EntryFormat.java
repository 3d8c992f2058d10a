package io.penstock.embedded.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Entries as records of a compacted topic, shaped like those of Confluent's {@code _schemas}: the
 * key says what is decided, the value what was decided last.
 */
final class EntryFormat {
  private static final ObjectMapper JSON = new ObjectMapper();

  private EntryFormat() {}

  static byte[] key(Entry entry) {
    return bytes(
        switch (entry) {
          case Entry.Registered e ->
              key("SCHEMA", 1).put("subject", e.subject()).put("version", e.version());
          case Entry.Ruled e -> key("CONFIG", 0).put("subject", e.subject());
          case Entry.Unruled e -> key("CONFIG", 0).put("subject", e.subject());
          case Entry.RuledAll e -> key("CONFIG", 0).putNull("subject");
        });
  }

  static byte @Nullable [] value(Entry entry) {
    return switch (entry) {
      case Entry.Registered e ->
          bytes(
              JSON.createObjectNode()
                  .put("subject", e.subject())
                  .put("version", e.version())
                  .put("id", e.id())
                  .put("schema", e.schema().toString())
                  .put("deleted", false));
      case Entry.Ruled e -> bytes(rule(e.rule()));
      case Entry.RuledAll e -> bytes(rule(e.rule()));
      case Entry.Unruled e -> null;
    };
  }

  /**
   * @throws IllegalStateException when the bytes are none of ours
   */
  static Entry parse(byte[] key, byte @Nullable [] value) {
    JsonNode what = tree(key);
    return switch (what.path("keytype").asText()) {
      case "SCHEMA" -> registered(tree(value));
      case "CONFIG" -> ruled(what.path("subject"), value);
      default -> throw new IllegalStateException("no entry of a registry: " + what);
    };
  }

  private static Entry registered(JsonNode node) {
    return new Entry.Registered(
        node.path("subject").asText(),
        node.path("version").asInt(),
        node.path("id").asInt(),
        new Schema.Parser().parse(node.path("schema").asText()));
  }

  private static Entry ruled(JsonNode subject, byte @Nullable [] value) {
    if (value == null) {
      return new Entry.Unruled(subject.asText());
    }
    var rule = Compatibility.valueOf(tree(value).path("compatibilityLevel").asText());
    return subject.isNull() ? new Entry.RuledAll(rule) : new Entry.Ruled(subject.asText(), rule);
  }

  private static ObjectNode key(String type, int magic) {
    return JSON.createObjectNode().put("keytype", type).put("magic", magic);
  }

  private static ObjectNode rule(Compatibility rule) {
    return JSON.createObjectNode().put("compatibilityLevel", rule.name());
  }

  private static byte[] bytes(ObjectNode node) {
    try {
      return JSON.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON cannot be written", e);
    }
  }

  private static JsonNode tree(byte @Nullable [] bytes) {
    try {
      return JSON.readTree(bytes == null ? new byte[0] : bytes);
    } catch (IOException e) {
      throw new IllegalStateException("no entry of a registry", e);
    }
  }
}
