package io.penstock.policies.admit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Optional;

/** Whether text is JSON of a kind; nothing is built of it. */
final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /** What is wrong with what should be one JSON object, as the rest of a sentence. */
  static Optional<String> objectFault(String text) {
    try (JsonParser json = FACTORY.createParser(text)) {
      JsonToken first = json.nextToken();
      if (first != JsonToken.START_OBJECT) {
        return Optional.of("it begins with \"" + Excerpt.of(text) + "\"");
      }
      json.skipChildren();
      return json.nextToken() == null
          ? Optional.empty()
          : Optional.of("there is something after its end");
    } catch (JsonProcessingException e) {
      return Optional.of("it cannot be read: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new IllegalStateException("text in memory could not be read", e);
    }
  }

  /** The text field {@code name} of an object, at its top level. */
  static Optional<String> textOf(String object, String name) {
    try (JsonParser json = FACTORY.createParser(object)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        if (json.nextToken() == JsonToken.VALUE_STRING && field.equals(name)) {
          return Optional.of(json.getText());
        }
        json.skipChildren();
      }
      return Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new IllegalStateException("text in memory could not be read", e);
    }
  }

  static JsonParser parser(String text) throws IOException {
    return FACTORY.createParser(text);
  }
}
