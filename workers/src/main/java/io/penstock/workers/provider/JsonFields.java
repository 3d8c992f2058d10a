package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes the fields of a JSON object one after the other. What is wrong with one, or left over in
 * the end, is gathered with its place, and the usual value taken meanwhile.
 */
final class JsonFields {
  private final String where;
  private final Map<String, JsonNode> left = new LinkedHashMap<>();
  private final List<String> problems;

  JsonFields(String where, JsonNode object, List<String> problems) {
    this.where = where;
    this.problems = problems;
    if (!object.isObject() && !object.isMissingNode()) {
      problems.add(where + ": it must be an object");
    }
    object.properties().forEach(field -> left.put(field.getKey(), field.getValue()));
  }

  String where() {
    return where;
  }

  void complain(String field, String what) {
    problems.add(where + ": field " + field + ": " + what);
  }

  /** Whatever is left is an error. */
  void end() {
    left.keySet().forEach(field -> complain(field, "nobody knows it"));
    left.clear();
  }

  JsonNode take(String field) {
    JsonNode value = left.remove(field);
    return value == null ? MissingNode.getInstance() : value;
  }

  /** A text; {@code null} in the JSON takes an inherited one away. */
  @Nullable String text(String field, @Nullable String usual) {
    JsonNode value = take(field);
    if (value.isNull()) {
      return null;
    }
    return value.isMissingNode()
        ? usual
        : checked(field, value, value.isTextual(), "a text") ? value.textValue() : usual;
  }

  /** A text that is there. */
  String some(String field, String usual) {
    String text = text(field, usual);
    return text == null ? usual : text;
  }

  <T> T parsed(String field, T usual, Function<String, T> parser) {
    T parsed = parsedOrNull(field, usual, parser);
    return parsed == null ? usual : parsed;
  }

  <T> @Nullable T parsedOrNull(String field, @Nullable T usual, Function<String, T> parser) {
    String text = text(field, null);
    if (text == null) {
      return usual;
    }
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      complain(field, String.valueOf(e.getMessage()));
      return usual;
    }
  }

  <E extends Enum<E>> E word(String field, Class<E> type, E usual) {
    return parsed(
        field,
        usual,
        word ->
            Arrays.stream(type.getEnumConstants())
                .filter(each -> word(each).equals(word))
                .findFirst()
                .orElseThrow(() ->
                    new IllegalArgumentException(
                        "\""
                            + word
                            + "\" is none of "
                            + Arrays.stream(type.getEnumConstants())
                                .map(JsonFields::word)
                                .collect(Collectors.joining(", ")))));
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  boolean flag(String field, boolean usual) {
    JsonNode value = take(field);
    return (value.isMissingNode() || !checked(field, value, value.isBoolean(), "true or false"))
        ? usual
        : value.booleanValue();
  }

  int count(String field, int usual) {
    JsonNode value = take(field);
    boolean good = value.isInt() && value.intValue() > 0;
    return (value.isMissingNode() || !checked(field, value, good, "a whole number above 0"))
        ? usual
        : value.intValue();
  }

  List<String> list(String field, List<String> usual) {
    JsonNode value = take(field);
    if (value.isMissingNode() || !checked(field, value, value.isArray(), "a list of texts")) {
      return usual;
    }
    var texts = new ArrayList<String>();
    for (JsonNode each : value) {
      if (checked(field, each, each.isTextual(), "a list of texts")) {
        texts.add(each.textValue());
      }
    }
    return texts;
  }

  Map<String, String> texts(String field, Map<String, String> usual) {
    JsonNode value = take(field);
    if (value.isMissingNode() || !checked(field, value, value.isObject(), "an object of texts")) {
      return usual;
    }
    var texts = new LinkedHashMap<String, String>();
    value
        .properties()
        .forEach(each -> {
          if (checked(field, each.getValue(), each.getValue().isTextual(), "an object of texts")) {
            texts.put(each.getKey(), each.getValue().textValue());
          }
        });
    return texts;
  }

  JsonFields object(String field) {
    return new JsonFields(where + ": field " + field, take(field), problems);
  }

  private boolean checked(String field, JsonNode value, boolean good, String wanted) {
    if (!good) {
      complain(field, "it must be " + wanted + ", not " + value.getNodeType());
    }
    return good;
  }
}
