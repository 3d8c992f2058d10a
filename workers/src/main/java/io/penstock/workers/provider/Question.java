package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The body of a call in the making, and what had to be left out of it. For one thread. */
final class Question {
  private final Inquiry inquiry;
  private final ObjectNode body = Json.object();
  private final Set<String> dropped = new LinkedHashSet<>();

  Question(Inquiry inquiry) {
    this.inquiry = inquiry;
    body.put("model", inquiry.wireModel());
  }

  Inquiry inquiry() {
    return inquiry;
  }

  ObjectNode body() {
    return body;
  }

  /** Parameters that were not sent, by the names that the requester knows. */
  List<String> dropped() {
    return List.copyOf(dropped);
  }

  void drop(String parameter) {
    dropped.add(parameter);
  }

  /** Sets a field that is not set yet; of an object, those of its fields that are not. */
  void add(String field, JsonNode value) {
    JsonNode ours = body.get(field);
    if (ours == null) {
      body.set(field, value);
    } else if (ours instanceof ObjectNode object && value.isObject()) {
      value.properties().stream()
          .filter(each -> !object.has(each.getKey()))
          .toList()
          .forEach(each -> object.set(each.getKey(), each.getValue()));
    } else {
      drop(field);
    }
  }

  /** Takes out what the model refuses. To be called last. */
  Question allowed() {
    for (String denied : inquiry.traits().denied(inquiry.model(), inquiry.wireModel())) {
      int equals = denied.indexOf('=');
      String field = equals < 0 ? denied : denied.substring(0, equals);
      JsonNode value = body.get(field);
      if (value != null
          && (equals < 0
              || List.of(denied.substring(equals + 1).split("\\|", -1)).contains(word(value)))) {
        body.remove(field);
        drop(field);
      }
    }
    return this;
  }

  private static String word(JsonNode value) {
    return value.isObject() ? value.path("type").asText() : value.asText();
  }
}
