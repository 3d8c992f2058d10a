package io.penstock.workers.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.policies.Reason;
import io.penstock.policies.calling.Advice;
import io.penstock.policies.calling.ErrorTable;
import java.time.Instant;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Reads a status outside 2xx. The body is mostly {@code {"error": {type, code, message}}} in both
 * dialects, but {@code code} may be a number, {@code error} a bare text, the object may lie at the
 * top, and the body may be no JSON at all (docs/measurements.md, Real servers §2).
 */
final class Refusal {
  private static final int LONGEST_EXCERPT = 300;

  private Refusal() {}

  static Result.Failed read(
      ObjectMapper json, int status, Headers headers, String body, Instant now) {
    JsonNode root = parse(json, body);
    JsonNode error = root.path("error").isObject() ? root.path("error") : root;
    Reason reason = ErrorTable.reason(status, word(error, "type"), word(error, "code"));
    return new Result.Failed(
        reason, sentence(status, reason, message(root, error)), advice(headers, now), null, null);
  }

  private static JsonNode parse(ObjectMapper json, String body) {
    try {
      return json.readTree(body);
    } catch (JsonProcessingException e) {
      return json.missingNode();
    }
  }

  private static @Nullable String word(JsonNode error, String field) {
    JsonNode value = error.path(field);
    return value.isValueNode() && !value.isNull() ? value.asText() : null;
  }

  private static @Nullable String message(JsonNode root, JsonNode error) {
    String message = Json.text(error, "message");
    return message == null ? Json.text(root, "error") : message;
  }

  private static Advice advice(Headers headers, Instant now) {
    return RetryHeaders.read(headers, now);
  }

  private static String sentence(int status, Reason reason, @Nullable String said) {
    String answered = "the provider answered " + status;
    if (status >= 300 && status < 400) {
      return answered + ", a redirect, which is not followed: check its base URL";
    }
    if (reason == Reason.PROVIDER_UNAUTHORIZED) {
      // What providers say here may quote a part of the key.
      return answered + ": check its API key";
    }
    return said == null ? answered : answered + ": " + excerpt(said);
  }

  private static String excerpt(String text) {
    return text.length() <= LONGEST_EXCERPT ? text : text.substring(0, LONGEST_EXCERPT) + "…";
  }
}
