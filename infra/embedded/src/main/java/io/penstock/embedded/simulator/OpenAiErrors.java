package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Map;

/** How OpenAI refuses (docs/measurements.md, Providers §1.4). */
final class OpenAiErrors {
  private OpenAiErrors() {}

  static ObjectNode body(Refusal refusal) {
    ObjectNode error = Json.MAPPER.createObjectNode();
    error.put("message", refusal.message());
    error.put("type", type(refusal.kind()));
    error.put("param", refusal.field());
    error.put("code", code(refusal.kind()));
    return Json.MAPPER.createObjectNode().set("error", error);
  }

  private static String type(Refusal.Kind kind) {
    return switch (kind) {
      case INVALID, UNKNOWN_MODEL, NOT_FOUND, CONFLICT, TOO_LARGE -> "invalid_request_error";
      case RATE_LIMITED -> "requests";
      case QUOTA -> "insufficient_quota";
      case FAILED, OVERLOADED -> "server_error";
    };
  }

  private static String code(Refusal.Kind kind) {
    return switch (kind) {
      case INVALID -> "invalid_value";
      case UNKNOWN_MODEL -> "model_not_found";
      case NOT_FOUND -> "not_found";
      case CONFLICT -> "conflict";
      case TOO_LARGE -> "request_too_large";
      case RATE_LIMITED -> "rate_limit_exceeded";
      case QUOTA -> "insufficient_quota";
      case FAILED -> "server_error";
      case OVERLOADED -> "overloaded";
    };
  }

  static Map<String, String> retryAfter(Duration wait) {
    return Map.of(
        "retry-after",
        Dialect.wholeSeconds(wait),
        "retry-after-ms",
        Long.toString(wait.toMillis()));
  }

  /** The headers that tell a caller how much it may ask. */
  static Map<String, String> limits(Limits.Standing standing) {
    long millis = standing.untilFull().toMillis();
    return Map.of(
        "x-ratelimit-limit-requests",
        Long.toString(standing.limit()),
        "x-ratelimit-remaining-requests",
        Long.toString(standing.remaining()),
        "x-ratelimit-reset-requests",
        millis % 1_000 == 0 ? millis / 1_000 + "s" : millis + "ms");
  }
}
