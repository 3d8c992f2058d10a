package io.penstock.workers.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.schemas.Messages;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request in the making, and the JSON that tests compare it with. */
final class Asked {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<Message> messages = new ArrayList<>();
  private @Nullable Integer maxTokens;
  private @Nullable Double temperature;

  static Asked aRequest() {
    return new Asked();
  }

  Asked saying(String role, String content) {
    messages.add(Messages.text(role, content));
    return this;
  }

  Asked limitedTo(int tokens) {
    maxTokens = tokens;
    return this;
  }

  Asked at(double degrees) {
    temperature = degrees;
    return this;
  }

  InferenceRequest now() {
    return new InferenceRequest(
        "r-1",
        "default",
        "auto",
        messages,
        maxTokens,
        temperature,
        true,
        null,
        null,
        null,
        null,
        Map.of("team", "never sent"),
        Endpoint.CHAT,
        null,
        null,
        Dialect.PENSTOCK,
        null,
        null,
        null,
        null,
        false);
  }

  /** JSON in single quotes, for tests to read well. */
  static JsonNode json(String singleQuoted) {
    try {
      return JSON.readTree(singleQuoted.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(singleQuoted, e);
    }
  }
}
