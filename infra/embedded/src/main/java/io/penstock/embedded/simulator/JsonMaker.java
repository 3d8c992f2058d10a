package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes a value that satisfies a JSON schema, always the same for the same seed. Knows types,
 * {@code enum}, {@code const}, properties, items, bounds of numbers, lengths and counts, local
 * {@code $ref}, {@code anyOf}, {@code oneOf} and {@code allOf}, and the common formats of strings;
 * not {@code pattern}, {@code not} and conditions. For one value and one thread.
 */
final class JsonMaker {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** Below here only what is required is made, so that schemas which contain themselves end. */
  private static final int DEEP = 4;

  /** Below here, and beyond this many values, nothing is made: no value satisfies such a schema. */
  private static final int BOTTOM = 40;

  private static final int MOST_VALUES = 10_000;
  private static final int LONGEST_TEXT = 1 << 20;

  private static final int WORD_BYTES = 24;

  private final JsonNode root;
  private long seed;
  private int made;

  private JsonMaker(JsonNode root, long seed) {
    this.root = root;
    this.seed = seed;
  }

  static JsonNode make(JsonNode schema, long seed) {
    return new JsonMaker(schema, seed).value(schema, 0);
  }

  private long random() {
    seed = Digest.scatter(seed);
    return seed;
  }

  private int below(int bound) {
    return (int) Long.remainderUnsigned(random(), bound);
  }

  private JsonNode value(JsonNode given, int depth) {
    JsonNode schema = resolved(given, depth);
    if (depth > BOTTOM || made++ > MOST_VALUES) {
      return JSON.nullNode();
    }
    if (schema.has("const")) {
      return schema.path("const");
    }
    JsonNode words = schema.path("enum");
    if (!words.isEmpty()) {
      return words.path(below(words.size()));
    }
    for (String either : new String[] {"anyOf", "oneOf"}) {
      JsonNode ways = schema.path(either);
      if (!ways.isEmpty()) {
        return value(depth < DEEP ? ways.path(0) : simplest(ways), depth + 1);
      }
    }
    return switch (type(schema, depth)) {
      case "object" -> object(schema, depth);
      case "array" -> array(schema, depth);
      case "integer" -> number(schema, true);
      case "number" -> number(schema, false);
      case "boolean" -> JSON.booleanNode(below(2) == 0);
      case "null" -> JSON.nullNode();
      default -> JSON.textNode(text(schema));
    };
  }

  /** A schema with its references followed and its {@code allOf} merged into it. */
  private JsonNode resolved(JsonNode schema, int depth) {
    JsonNode here = schema;
    for (int hops = 0; here.path("$ref").isTextual() && hops < BOTTOM; hops++) {
      String pointer = here.path("$ref").textValue();
      here = pointer.startsWith("#") ? root.at(pointer.substring(1)) : JSON.missingNode();
    }
    if (here.path("allOf").isEmpty() || depth > BOTTOM) {
      return here;
    }
    ObjectNode merged = JSON.objectNode();
    for (JsonNode part : here.path("allOf")) {
      merge(merged, resolved(part, depth + 1));
    }
    ObjectNode own = here.deepCopy();
    own.remove("allOf");
    merge(merged, own);
    return merged;
  }

  private static void merge(ObjectNode into, JsonNode from) {
    from.properties()
        .forEach(entry -> {
          JsonNode there = into.path(entry.getKey());
          if (there instanceof ObjectNode both && entry.getValue().isObject()) {
            merge(both, entry.getValue());
          } else if (there instanceof ArrayNode both
              && entry.getKey().equals("required")
              && entry.getValue() instanceof ArrayNode more) {
            both.addAll(more);
          } else {
            into.set(entry.getKey(), entry.getValue().deepCopy());
          }
        });
  }

  /** Where it is deep already, a way that goes no deeper. */
  private JsonNode simplest(JsonNode ways) {
    for (JsonNode way : ways) {
      String type = resolved(way, DEEP).path("type").asText();
      if (!type.isEmpty() && !type.equals("object") && !type.equals("array")) {
        return way;
      }
    }
    return ways.path(0);
  }

  private static String type(JsonNode schema, int depth) {
    JsonNode type = schema.path("type");
    if (type.isTextual()) {
      return type.textValue();
    }
    if (!type.isEmpty()) {
      boolean nullable = false;
      for (JsonNode word : type) {
        nullable |= word.asText().equals("null");
      }
      return nullable && depth >= DEEP ? "null" : type.path(0).asText();
    }
    if (schema.has("properties")) {
      return "object";
    }
    return schema.has("items") || schema.has("prefixItems") ? "array" : "string";
  }

  private ObjectNode object(JsonNode schema, int depth) {
    Set<String> required = new TreeSet<>();
    schema.path("required").forEach(name -> required.add(name.asText()));
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    schema
        .path("properties")
        .properties()
        .forEach(property -> {
          if (depth < DEEP || required.contains(property.getKey())) {
            fields.put(property.getKey(), value(property.getValue(), depth + 1));
          }
        });
    JsonNode others = schema.path("additionalProperties");
    required.forEach(name -> fields.computeIfAbsent(name, missing -> value(others, depth + 1)));
    int least = Math.min(schema.path("minProperties").asInt(), MOST_VALUES);
    for (int n = 1; fields.size() < least; n++) {
      fields.put("key" + n, value(others, depth + 1));
    }
    ObjectNode object = JSON.objectNode();
    fields.forEach(object::set);
    return object;
  }

  private ArrayNode array(JsonNode schema, int depth) {
    ArrayNode array = JSON.arrayNode();
    schema.path("prefixItems").forEach(item -> array.add(value(item, depth + 1)));
    int least = Math.min(schema.path("minItems").asInt(0), MOST_VALUES);
    int most = schema.path("maxItems").asInt(Math.max(least, 3));
    int size = Math.min(most, Math.max(least, depth < DEEP ? 1 + below(3) : 0));
    boolean unique = schema.path("uniqueItems").asBoolean();
    for (int tries = 0; array.size() < size && tries < size * BOTTOM; tries++) {
      JsonNode item = value(schema.path("items"), depth + 1);
      if (!unique || !contains(array, item)) {
        array.add(item);
      }
    }
    return array;
  }

  private static boolean contains(ArrayNode array, JsonNode item) {
    for (Iterator<JsonNode> items = array.elements(); items.hasNext(); ) {
      if (items.next().equals(item)) {
        return true;
      }
    }
    return false;
  }

  /** A multiple of the step between the bounds; the lower bound decides where they contradict. */
  private JsonNode number(JsonNode schema, boolean whole) {
    BigDecimal step =
        schema.path("multipleOf").isNumber()
            ? schema.path("multipleOf").decimalValue()
            : whole ? BigDecimal.ONE : new BigDecimal("0.25");
    BigDecimal least = bound(schema, "minimum");
    BigDecimal above = bound(schema, "exclusiveMinimum");
    BigDecimal most = bound(schema, "maximum");
    BigDecimal under = bound(schema, "exclusiveMaximum");
    BigDecimal low = least == null ? above : above == null ? least : least.max(above);
    BigDecimal high = most == null ? under : under == null ? most : most.min(under);
    if (low == null) {
      low = high == null ? BigDecimal.ZERO : high.subtract(step.multiply(BigDecimal.TEN));
    }
    BigDecimal first = low.divide(step, 0, RoundingMode.CEILING);
    if (above != null && low.compareTo(above) == 0 && first.multiply(step).compareTo(low) == 0) {
      first = first.add(BigDecimal.ONE);
    }
    BigDecimal last =
        high == null ? first.add(new BigDecimal(100)) : high.divide(step, 0, RoundingMode.FLOOR);
    if (under != null && last.multiply(step).compareTo(under) == 0) {
      last = last.subtract(BigDecimal.ONE);
    }
    BigDecimal range = last.subtract(first).max(BigDecimal.ZERO).min(new BigDecimal(1_000));
    BigDecimal number = first.add(BigDecimal.valueOf(below(range.intValue() + 1))).multiply(step);
    return whole
        ? JSON.numberNode(number.toBigInteger())
        : JSON.numberNode(inside(number, low, high));
  }

  /** Bounds closer together than a step leave no multiple: then any number between them. */
  private static BigDecimal inside(BigDecimal number, BigDecimal low, @Nullable BigDecimal high) {
    return high != null && number.compareTo(high) > 0
        ? low.add(high).divide(BigDecimal.TWO)
        : number;
  }

  private static @Nullable BigDecimal bound(JsonNode schema, String name) {
    return schema.path(name).isNumber() ? schema.path(name).decimalValue() : null;
  }

  private String text(JsonNode schema) {
    return switch (schema.path("format").asText()) {
      case "date-time" ->
          "2026-0" + (1 + below(9)) + "-1" + below(10) + "T0" + below(10) + ":00:00Z";
      case "date" -> "2026-0" + (1 + below(9)) + "-1" + below(10);
      case "time" -> "0" + below(10) + ":30:00Z";
      case "duration" -> "PT" + (1 + below(59)) + "M";
      case "email" -> Prose.word(random()) + "@example.com";
      case "hostname" -> Prose.word(random()) + ".example.com";
      case "ipv4" -> "192.0.2." + below(256);
      case "ipv6" -> "2001:db8::" + Integer.toHexString(1 + below(65_535));
      case "uri", "uri-reference" -> "https://example.com/" + Prose.word(random());
      case "uuid" -> new UUID(random(), random()).toString();
      default -> sized(schema);
    };
  }

  private String sized(JsonNode schema) {
    int least = Math.min(schema.path("minLength").asInt(0), LONGEST_TEXT);
    int most = schema.path("maxLength").asInt(Integer.MAX_VALUE);
    String text = Prose.of(random(), least + WORD_BYTES);
    String bare = text.substring(0, text.length() - 1);
    if (bare.length() < least) {
      bare = bare + "x".repeat(least - bare.length());
    }
    return bare.length() > most ? bare.substring(0, most) : bare;
  }
}
