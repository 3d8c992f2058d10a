package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The body of an admin request. Reading it collects every mistake, with field, value and remedy;
 * {@link #check} refuses them all at once.
 */
final class AdminBody {
  private static final int NANOS_PER_MILLI_DIGITS = 6;

  private final JsonNode body;
  private final List<Mistake> mistakes = new ArrayList<>();

  private record Mistake(String field, String message) {}

  /** The request cannot be done as it stands. */
  static final class RefusedException extends RuntimeException {
    private final String field;

    RefusedException(String field, String message) {
      super(message, null, false, false);
      this.field = field;
    }

    String field() {
      return field;
    }
  }

  private AdminBody(JsonNode body) {
    this.body = body;
  }

  /** Reads a body of any fields; no body at all is one without. */
  static AdminBody read(byte[] bytes) {
    JsonNode json =
        bytes.length == 0
            ? Json.MAPPER.createObjectNode()
            : Json.read(bytes)
                .filter(JsonNode::isObject)
                .orElseThrow(
                    () -> new RefusedException("body", "the body is not JSON: send an object"));
    return new AdminBody(json);
  }

  /** Reads a body; no body at all is one without fields. */
  static AdminBody read(byte[] bytes, Set<String> known) {
    AdminBody body = read(bytes);
    body.body
        .fieldNames()
        .forEachRemaining(name -> {
          if (!known.contains(name)) {
            body.wrong(name, "unknown: the fields are " + String.join(", ", known));
          }
        });
    return body;
  }

  Map<String, JsonNode> fields() {
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    body.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
    return fields;
  }

  Optional<JsonNode> get(String field) {
    JsonNode value = body.path(field);
    return value.isMissingNode() || value.isNull() ? Optional.empty() : Optional.of(value);
  }

  /** A number within bounds, where the field is there. */
  Optional<BigDecimal> number(String field, long least, long most) {
    Optional<JsonNode> value = get(field);
    Optional<BigDecimal> number = value.filter(JsonNode::isNumber).map(JsonNode::decimalValue);
    boolean fits =
        number
            .filter(n -> n.compareTo(BigDecimal.valueOf(least)) >= 0)
            .filter(n -> n.compareTo(BigDecimal.valueOf(most)) <= 0)
            .isPresent();
    if (value.isPresent() && !fits) {
      wrong(field, "give a number from " + least + " to " + most);
      return Optional.empty();
    }
    return number;
  }

  /** A whole number within bounds, where the field is there. */
  Optional<Long> whole(String field, long least, long most) {
    if (get(field).filter(value -> !value.isIntegralNumber()).isPresent()) {
      wrong(field, "give a whole number from " + least + " to " + most);
      return Optional.empty();
    }
    return number(field, least, most).map(BigDecimal::longValueExact);
  }

  /** A duration in milliseconds, to the nanosecond, where the field is there. */
  Optional<Duration> millis(String field, Duration most) {
    return number(field, 0, most.toMillis())
        .map(millis -> Duration.ofNanos(millis.movePointRight(NANOS_PER_MILLI_DIGITS).longValue()));
  }

  boolean flag(String field) {
    Optional<JsonNode> value = get(field);
    if (value.filter(flag -> !flag.isBoolean()).isPresent()) {
      wrong(field, "give true or false");
    }
    return value.map(JsonNode::booleanValue).orElse(false);
  }

  Optional<String> text(String field) {
    Optional<JsonNode> value = get(field);
    if (value.filter(text -> !text.isTextual()).isPresent()) {
      wrong(field, "give a text");
    }
    return value.map(JsonNode::asText);
  }

  void wrong(String field, String remedy) {
    mistakes.add(new Mistake(field, field + " is " + body.path(field) + ": " + remedy));
  }

  /**
   * Ends the reading.
   *
   * @throws RefusedException when there was any mistake
   */
  void check() {
    if (!mistakes.isEmpty()) {
      throw new RefusedException(
          mistakes.getFirst().field(),
          String.join("; ", mistakes.stream().map(Mistake::message).toList()));
    }
  }
}
