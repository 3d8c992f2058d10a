package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** For models that know no role for system texts. */
final class SystemTexts {
  private static final String BETWEEN = "\n\n";

  private SystemTexts() {}

  /** Puts them before what the user says first, or in a turn of the user's if there is none. */
  static ArrayNode toFirstUser(ArrayNode messages) {
    List<String> texts = new ArrayList<>();
    ArrayNode rest = JsonNodeFactory.instance.arrayNode();
    for (JsonNode message : messages) {
      if (message.path("role").asText().equals("system")) {
        texts.add(Json.texts(message.path("content")));
      } else {
        rest.add(message);
      }
    }
    if (texts.isEmpty()) {
      return messages;
    }
    String system = String.join(BETWEEN, texts);
    for (JsonNode message : rest) {
      if (message.path("role").asText().equals("user")) {
        prepend((ObjectNode) message, system);
        return rest;
      }
    }
    rest.insertObject(0).put("role", "user").put("content", system);
    return rest;
  }

  private static void prepend(ObjectNode message, String system) {
    JsonNode content = message.path("content");
    if (content instanceof ArrayNode list) {
      list.insertObject(0).put("type", "text").put("text", system + BETWEEN);
    } else {
      message.put("content", system + BETWEEN + content.asText());
    }
  }
}
