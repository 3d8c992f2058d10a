package io.penstock.ingress.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.policies.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one JSON object, taken one by one; what nobody takes is left over. A field that is
 * null counts as left out, and one of the wrong type as a fault. One thread.
 */
public final class Fields {
  static final String CACHE_CONTROL = "cache_control";
  static final String BREAKPOINT = "prompt_cache_breakpoint";

  private final ObjectNode object;
  private final String path;
  private final Faults faults;
  private final Set<String> taken = new HashSet<>();

  /**
   * @param path what to put before the names of fields where they are at fault
   */
  public Fields(ObjectNode object, String path, Faults faults) {
    this.object = object;
    this.path = path;
    this.faults = faults;
  }

  public @Nullable JsonNode any(String name) {
    JsonNode value = peek(name);
    taken.add(name);
    return value;
  }

  /** Without taking it. */
  public @Nullable JsonNode peek(String name) {
    JsonNode value = object.get(name);
    return value == null || value.isNull() ? null : value;
  }

  public @Nullable String text(String name) {
    JsonNode value = any(name);
    if (value == null || !is(value.isTextual(), name, "a string")) {
      return null;
    }
    return value.textValue();
  }

  public @Nullable Integer count(String name) {
    JsonNode value = any(name);
    if (value == null || !is(value.isIntegralNumber(), name, "a whole number")) {
      return null;
    }
    if (!value.canConvertToInt()) {
      fault(Reason.INVALID_VALUE, name + " is beyond " + Integer.MAX_VALUE, name);
      return null;
    }
    return value.intValue();
  }

  public @Nullable Long number(String name) {
    JsonNode value = any(name);
    if (value == null || !is(value.isIntegralNumber(), name, "a whole number")) {
      return null;
    }
    if (!value.canConvertToLong()) {
      fault(Reason.INVALID_VALUE, name + " is beyond " + Long.MAX_VALUE, name);
      return null;
    }
    return value.longValue();
  }

  public @Nullable Double real(String name) {
    JsonNode value = any(name);
    if (value == null || !is(value.isNumber(), name, "a number")) {
      return null;
    }
    return value.doubleValue();
  }

  public @Nullable Boolean truth(String name) {
    JsonNode value = any(name);
    if (value == null || !is(value.isBoolean(), name, "true or false")) {
      return null;
    }
    return value.booleanValue();
  }

  public boolean isTrue(String name) {
    return Boolean.TRUE.equals(truth(name));
  }

  /** The fields of an object. */
  public @Nullable Fields object(String name) {
    JsonNode value = any(name);
    return value != null && is(value.isObject(), name, "an object")
        ? new Fields((ObjectNode) value, at(name) + ".", faults)
        : null;
  }

  /** The elements of an array of objects; none when there is no such array. */
  public List<Fields> objects(String name) {
    JsonNode array = any(name);
    if (array == null || !is(array.isArray(), name, "an array")) {
      return List.of();
    }
    var all = new ArrayList<Fields>(array.size());
    for (int i = 0; i < array.size(); i++) {
      String element = name + "[" + i + "]";
      if (is(array.get(i).isObject(), element, "an object")) {
        all.add(new Fields((ObjectNode) array.get(i), at(element) + ".", faults));
      }
    }
    return all;
  }

  /** A text, or a list of them. */
  public List<String> texts(String name) {
    JsonNode value = any(name);
    if (value == null) {
      return List.of();
    }
    if (value.isTextual()) {
      return List.of(value.textValue());
    }
    List<JsonNode> all = Tree.elements(value);
    boolean texts = value.isArray() && all.stream().allMatch(JsonNode::isTextual);
    return is(texts, name, "a string or a list of strings")
        ? all.stream().map(JsonNode::textValue).toList()
        : List.of();
  }

  public boolean has(String name) {
    return peek(name) != null;
  }

  /** Takes these fields, as one JSON object; null when none of them is there. */
  public @Nullable String together(List<String> names) {
    var all = Tree.newObject();
    for (String name : names) {
      JsonNode value = any(name);
      if (value != null) {
        all.set(name, value);
      }
    }
    return all.isEmpty() ? null : Tree.write(all);
  }

  /** Whether nothing but null is left over. */
  public boolean allTaken() {
    return object.propertyStream().allMatch(field -> isTaken(field.getKey()));
  }

  /** What is left over, as one JSON object; null when nothing is. */
  public @Nullable String rest() {
    var names =
        object
            .propertyStream()
            .map(field -> field.getKey())
            .filter(name -> !isTaken(name))
            .toList();
    String rest = together(names);
    if (rest != null && Texts.firstHalfCharacter(rest) >= 0) {
      faults.add(Reason.INVALID_VALUE, "half a surrogate pair in a field's name", path);
    }
    return rest;
  }

  /** What is left over is nothing that could be kept. */
  public void refuseRest() {
    object
        .propertyStream()
        .map(field -> field.getKey())
        .filter(name -> !isTaken(name))
        .forEach(name -> faults.unknown(at(name)));
  }

  private boolean isTaken(String name) {
    return taken.contains(name) || !has(name);
  }

  /** The whole object, as JSON. */
  public String whole() {
    return Tree.write(object);
  }

  /** The same without marks of prefixes worth caching, which are kept apart. */
  public String unmarked() {
    return Tree.write(object.deepCopy().without(List.of(CACHE_CONTROL, BREAKPOINT)));
  }

  /** The name of a field as a fault names it. */
  public String at(String name) {
    return path + name;
  }

  public void fault(Reason reason, String message, String name) {
    faults.add(reason, message, at(name));
  }

  /** A field that must be there is not. */
  public void missing(String name) {
    fault(Reason.MISSING_FIELD, at(name) + " is missing", name);
  }

  private boolean is(boolean so, String name, String wanted) {
    if (!so) {
      fault(Reason.WRONG_TYPE, Faults.excerpt(at(name)) + " must be " + wanted, name);
    }
    return so;
  }
}
