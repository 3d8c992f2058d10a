package io.penstock.policies.cost;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.Money;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The fields of a JSON object, read strictly: what is not as expected is an {@link
 * IllegalArgumentException} that says where.
 *
 * @param where the object is, for people
 */
record Fields(JsonNode node, String where) {
  // $ per million tokens to pico-dollars per token.
  private static final int PER_MILLION_TO_PICO = 6;
  // $ per thousand pieces to pico-dollars per piece.
  private static final int PER_THOUSAND_TO_PICO = 9;

  Fields at(String place) {
    return new Fields(node, place);
  }

  boolean has(String field) {
    return node.hasNonNull(field);
  }

  List<String> names() {
    var names = new TreeSet<String>();
    node.fieldNames().forEachRemaining(names::add);
    return List.copyOf(names);
  }

  /** A misspelt price would be a missing one. */
  void refuseOthers(Set<String> known) {
    for (String name : names()) {
      if (!known.contains(name)) {
        throw wrong(name, "left out: there is no such field");
      }
    }
  }

  Fields inner(String field) {
    if (has(field) && !node.path(field).isObject()) {
      throw wrong(field, "an object");
    }
    return new Fields(node.path(field), where + ": " + field);
  }

  Optional<Fields> optional(String field) {
    return has(field) ? Optional.of(inner(field)) : Optional.empty();
  }

  List<Fields> list(String field) {
    if (!node.path(field).isArray()) {
      throw wrong(field, "a list");
    }
    var items = new ArrayList<Fields>();
    node.path(field).forEach(item -> items.add(new Fields(item, where + ": " + field)));
    return items;
  }

  List<String> texts(String field) {
    var texts = new ArrayList<String>();
    for (Fields item : list(field)) {
      if (!item.node.isTextual()) {
        throw wrong(field, "a list of strings");
      }
      texts.add(item.node.asText());
    }
    if (texts.isEmpty()) {
      throw wrong(field, "a list with something in it");
    }
    return texts;
  }

  String text(String field) {
    if (!node.path(field).isTextual()) {
      throw wrong(field, "a string");
    }
    return node.path(field).asText();
  }

  boolean flag(String field) {
    if (has(field) && !node.path(field).isBoolean()) {
      throw wrong(field, "true or false");
    }
    return node.path(field).asBoolean();
  }

  long whole(String field) {
    JsonNode number = node.path(field);
    if (!number.isIntegralNumber() || !number.canConvertToLong() || number.asLong() < 1) {
      throw wrong(field, "a whole number, 1 or more");
    }
    return number.asLong();
  }

  Instant instant(String field) {
    try {
      return Instant.parse(text(field));
    } catch (DateTimeParseException e) {
      throw wrong(field, "an instant such as 2026-01-31T00:00:00Z");
    }
  }

  Multiplier multiplier(String field) {
    try {
      return Multiplier.parse(text(field));
    } catch (IllegalArgumentException e) {
      throw wrong(field, "a fraction above 0, such as 11/10");
    }
  }

  /** A price in dollars per million tokens, per token. */
  Money perMillion(String field) {
    return money(field, PER_MILLION_TO_PICO);
  }

  /** A fee in dollars per thousand pieces, per piece. */
  Money fee(String field) {
    return money(field, PER_THOUSAND_TO_PICO);
  }

  private Money money(String field, int toPico) {
    String rate = text(field);
    try {
      long pico = new BigDecimal(rate).movePointRight(toPico).longValueExact();
      if (pico >= 0) {
        return new Money(pico);
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // Said below, as a negative rate is.
    }
    throw wrong(field, "a decimal with at most " + toPico + " decimals, 0 or more");
  }

  IllegalArgumentException wrong(String field, String expected) {
    JsonNode value = node.path(field);
    return new IllegalArgumentException(
        where
            + ": \""
            + field
            + "\" must be "
            + expected
            + (value.isMissingNode() ? "; it is missing" : "; it is " + value));
  }
}
