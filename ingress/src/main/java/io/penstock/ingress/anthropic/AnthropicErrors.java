package io.penstock.ingress.anthropic;

import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.face.Written;
import io.penstock.ingress.json.Json;
import io.penstock.policies.Reason;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Failure;
import org.jspecify.annotations.Nullable;

/**
 * Failures as Anthropic tells them (docs/measurements.md, Providers §2.3). It knows no codes and no
 * fields: the sentence has to name them.
 */
public final class AnthropicErrors {
  private static final int SMALL = 256;

  private AnthropicErrors() {}

  /**
   * @param id of the request, when it was accepted
   */
  public static Written of(Failure failure, @Nullable String id) {
    return new Written(status(failure), body(failure, id));
  }

  static byte[] body(Failure failure, @Nullable String id) {
    return Json.write(
        SMALL,
        json -> {
          json.writeStartObject();
          json.writeStringField("type", "error");
          json.writeObjectFieldStart("error");
          json.writeStringField("type", type(status(failure)));
          json.writeStringField("message", message(failure));
          json.writeStringField("code", failure.getCode());
          if (failure.getRemainingPicoUsd() != null) {
            json.writeStringField(
                "remaining_usd", new Money(failure.getRemainingPicoUsd()).toUsd());
          }
          json.writeEndObject();
          json.writeStringField("request_id", id);
          json.writeEndObject();
        });
  }

  private static String message(Failure failure) {
    String field = failure.getField();
    return field == null || failure.getMessage().contains(field)
        ? failure.getMessage()
        : field + ": " + failure.getMessage();
  }

  private static int status(Failure failure) {
    Reason reason = Reason.ofCode(failure.getCode()).orElse(Reason.INTERNAL_ERROR);
    return switch (reason) {
      case UNKNOWN_MODEL, MODEL_NOT_FOUND -> 404;
      // What the provider calls a bad request is the caller's to mend.
      case PROVIDER_REJECTED -> 400;
      default -> HttpStatuses.of(reason);
    };
  }

  private static String type(int status) {
    return switch (status) {
      case 401 -> "authentication_error";
      case 402 -> "billing_error";
      case 403 -> "permission_error";
      case 404, 405 -> "not_found_error";
      case 409 -> "conflict_error";
      case 413 -> "request_too_large";
      case 429 -> "rate_limit_error";
      case 503, 529 -> "overloaded_error";
      case 504 -> "timeout_error";
      default -> status < 500 ? "invalid_request_error" : "api_error";
    };
  }
}
