package io.penstock.policies.fingerprint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.TrustedRecords;
import java.text.Normalizer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificData;

/**
 * One text for each thing, however it was written. Of a record, a field that has its default is
 * left out: a field that is added later changes the text only where somebody uses it.
 */
final class CanonicalText {
  /** Holds JSON, of which the order of keys says nothing. */
  private static final Set<String> JSON =
      Set.of("parameters", "schema", "arguments", "extra", "json", "raw");

  /** Words of the requester, as opposed to identifiers. */
  private static final Set<String> TEXT = Set.of("text");

  /** A hint about prices. */
  private static final Set<String> WITHOUT_EFFECT = Set.of("cacheFor");

  // Numbers as they are written: 1.0 and 1 may be different things to a schema.
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  static {
    TrustedRecords.trust();
  }

  private CanonicalText() {}

  /** Of a record. */
  static String of(IndexedRecord thing) {
    return write(record(thing));
  }

  /** Of JSON; text that is none stays as it is. */
  static String json(String json) {
    try {
      return write(sorted(MAPPER.readTree(json)));
    } catch (JsonProcessingException e) {
      return json;
    }
  }

  /** Of words. */
  static String normalised(String text) {
    String lines = text.indexOf('\r') < 0 ? text : text.replace("\r\n", "\n").replace('\r', '\n');
    return Normalizer.normalize(lines, Normalizer.Form.NFC).stripTrailing();
  }

  private static ObjectNode record(IndexedRecord thing) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("", thing.getSchema().getName());
    for (Schema.Field field : thing.getSchema().getFields()) {
      Object value = thing.get(field.pos());
      if (value != null && !WITHOUT_EFFECT.contains(field.name()) && !usual(field, value)) {
        node.set(field.name(), value(field.name(), value));
      }
    }
    return node;
  }

  private static boolean usual(Schema.Field field, Object value) {
    return field.hasDefaultValue() && value.equals(SpecificData.get().getDefaultValue(field));
  }

  private static JsonNode value(String field, Object value) {
    return switch (value) {
      case IndexedRecord thing -> record(thing);
      case List<?> things -> {
        ArrayNode all = MAPPER.createArrayNode();
        things.forEach(thing -> all.add(value(field, thing)));
        yield all;
      }
      case String text when JSON.contains(field) -> MAPPER.getNodeFactory().textNode(json(text));
      case String text when TEXT.contains(field) ->
          MAPPER.getNodeFactory().textNode(normalised(text));
      default -> MAPPER.getNodeFactory().textNode(value.toString());
    };
  }

  private static JsonNode sorted(JsonNode node) {
    if (node.isArray()) {
      ArrayNode all = MAPPER.createArrayNode();
      node.forEach(element -> all.add(sorted(element)));
      return all;
    }
    if (node.isObject()) {
      ObjectNode sorted = MAPPER.createObjectNode();
      var names = new TreeSet<String>();
      node.fieldNames().forEachRemaining(names::add);
      names.forEach(name -> sorted.set(name, sorted(node.path(name))));
      return sorted;
    }
    return node;
  }

  private static String write(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree could not be written", e);
    }
  }
}
