package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.penstock.policies.Reason;
import io.penstock.policies.calling.Advice;
import io.penstock.policies.calling.ErrorTable;
import java.time.Instant;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Reads a status outside 2xx, and errors that came under a better one. The body is mostly {@code
 * {"error": {type, code, message}}} in both dialects, but {@code code} may be a number, {@code
 * error} a bare text, the object may lie at the top or in a list, and the body may be no JSON at
 * all (docs/measurements.md, Real servers §2).
 */
final class Refusal {
  private static final int LONGEST_EXCERPT = 300;

  private Refusal() {}

  static Result.Failed read(Traits traits, int status, Headers headers, String body, Instant now) {
    JsonNode root = parse(body);
    JsonNode error = error(root);
    Reason reason = reason(traits, status, root, error);
    return new Result.Failed(
        reason,
        sentence(status, reason, message(root, error)),
        RetryHeaders.read(headers, traits.rateHeaders(), now),
        Bill.NONE);
  }

  /**
   * An error under the status of a success: in the place of an answer, or in the middle of one. Its
   * code may be the status that came too late.
   */
  static Result.Failed inside(Question question, JsonNode root, Bill bill) {
    JsonNode error = error(root);
    int code = error.path("code").asInt(0);
    int status = code >= 400 && code < 600 ? code : 200;
    Reason reason = reason(question.inquiry().traits(), status, root, error);
    String said = message(root, error);
    String sentence =
        reason == Reason.PROVIDER_UNAUTHORIZED
            ? "the provider sent an error: check its API key"
            : "the provider sent an error" + (said == null ? "" : ": " + excerpt(said));
    return new Result.Failed(reason, sentence, Advice.NONE, bill);
  }

  private static Reason reason(Traits traits, int status, JsonNode root, JsonNode error) {
    var said =
        new ErrorTable.Said(status, word(error, "type"), word(error, "code"), message(root, error));
    return ErrorTable.reason(said, traits.quotaCodes());
  }

  private static JsonNode error(JsonNode root) {
    return root.path("error").isObject() ? root.path("error") : root;
  }

  private static JsonNode parse(String body) {
    JsonNode root = Json.tree(body);
    if (root == null) {
      return MissingNode.getInstance();
    }
    return root.isArray() && !root.isEmpty() ? root.get(0) : root; // Gemini's are in a list.
  }

  private static @Nullable String word(JsonNode error, String field) {
    JsonNode value = error.path(field);
    return value.isValueNode() && !value.isNull() ? value.asText() : null;
  }

  private static @Nullable String message(JsonNode root, JsonNode error) {
    String message = Json.text(error, "message");
    return message == null ? Json.text(root, "error") : message;
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
