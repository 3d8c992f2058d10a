package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The body of a call, read field by field: what both dialects check in the same way. */
final class CallBody {
  private final JsonNode body;

  private CallBody(JsonNode body) {
    this.body = body;
  }

  static CallBody parse(byte[] bytes) throws WrongRequestException {
    JsonNode body =
        Json.read(bytes)
            .orElseThrow(
                () -> WrongRequestException.at("body", "the body of the request is not JSON"));
    if (!body.isObject()) {
      throw WrongRequestException.at("body", "the body of the request is not a JSON object");
    }
    return new CallBody(body);
  }

  /** A body that has been read already. */
  static CallBody of(JsonNode body) {
    return new CallBody(body);
  }

  JsonNode get(String field) {
    return body.path(field);
  }

  boolean has(String field) {
    return body.hasNonNull(field);
  }

  PricedModel model(Prices prices, Instant now) throws WrongRequestException {
    JsonNode model = get("model");
    if (!model.isTextual() || model.textValue().isEmpty()) {
      throw WrongRequestException.at("model", "model must be the name of a model");
    }
    String name = model.textValue();
    return prices
        .find(name, now)
        .orElseThrow(() -> new WrongRequestException(Refusal.unknownModel(name)));
  }

  JsonNode messages() throws WrongRequestException {
    JsonNode messages = get("messages");
    if (!messages.isArray()) {
      throw WrongRequestException.at("messages", "messages must be an array of messages");
    }
    if (messages.isEmpty()) {
      throw WrongRequestException.at("messages", "messages is empty: give at least one message");
    }
    return messages;
  }

  /** A whole number above zero, where the field is there. */
  OptionalInt limit(String field) throws WrongRequestException {
    if (!has(field)) {
      return OptionalInt.empty();
    }
    JsonNode limit = get(field);
    if (!limit.isIntegralNumber() || !limit.canConvertToInt() || limit.intValue() < 1) {
      throw WrongRequestException.at(
          field, field + " is " + limit + ": give a whole number above zero");
    }
    return OptionalInt.of(limit.intValue());
  }

  /** One text or a list of them, none of which is empty, where the field is there. */
  List<String> texts(String field, int most) throws WrongRequestException {
    JsonNode given = get(field);
    List<String> texts = new ArrayList<>();
    if (given.isTextual()) {
      texts.add(given.textValue());
    }
    for (JsonNode text : given) {
      texts.add(text.asText());
    }
    boolean wrong =
        !given.isMissingNode() && !given.isNull() && texts.isEmpty() && !given.isArray();
    if (wrong || texts.contains("") || texts.size() > most) {
      throw WrongRequestException.at(
          field, field + " is " + given + ": give at most " + most + " texts");
    }
    return texts;
  }

  boolean flag(String field) throws WrongRequestException {
    return flag(get(field), field);
  }

  static boolean flag(JsonNode flag, String field) throws WrongRequestException {
    if (flag.isMissingNode() || flag.isNull()) {
      return false;
    }
    if (!flag.isBoolean()) {
      throw WrongRequestException.at(field, field + " is " + flag + ": give true or false");
    }
    return flag.booleanValue();
  }

  /** Checks a temperature, where there is one. */
  void checkTemperature(double hottest) throws WrongRequestException {
    JsonNode temperature = get("temperature");
    if (temperature.isMissingNode() || temperature.isNull()) {
      return;
    }
    if (!temperature.isNumber()
        || temperature.doubleValue() < 0
        || temperature.doubleValue() > hottest) {
      throw WrongRequestException.at(
          "temperature", "temperature is " + temperature + ": give a number from 0 to " + hottest);
    }
  }
}
