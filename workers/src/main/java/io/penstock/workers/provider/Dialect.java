package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.InferenceRequest;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a family of providers wants to be asked and how it answers. Implementations are values
 * without state; they see complete JSON only, never a connection.
 */
public sealed interface Dialect permits OpenAiDialect, AnthropicDialect {

  /** The path of the call, below the provider's base URL. */
  String path();

  /** The headers of the call, the secret among them. */
  Map<String, String> headers(@Nullable ApiKey key);

  /** The body of the call: {@code request}, put to {@code model}. */
  ObjectNode question(String model, InferenceRequest request);

  /** Reads the complete body of a response that the provider called a success. */
  Result read(JsonNode body);
}
