package io.penstock.ingress.openai;

import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.face.Written;
import io.penstock.ingress.json.Json;
import io.penstock.policies.Reason;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Failure;

/**
 * Failures as OpenAI tells them, so that its SDKs raise the exceptions that their users expect
 * (docs/measurements.md, Providers §1.4).
 */
public final class OpenAiErrors {
  private static final int SMALL = 256;

  /** How a reason is told. */
  private record Told(int status, String type, String code) {}

  private OpenAiErrors() {}

  public static Written of(Failure failure) {
    Told told = told(Reason.ofCode(failure.getCode()).orElse(Reason.INTERNAL_ERROR));
    return new Written(told.status(), body(failure));
  }

  /** The object {@code {"error": …}}. */
  static byte[] body(Failure failure) {
    Told told = told(Reason.ofCode(failure.getCode()).orElse(Reason.INTERNAL_ERROR));
    return Json.write(
        SMALL,
        json -> {
          json.writeStartObject();
          json.writeObjectFieldStart("error");
          json.writeStringField("message", failure.getMessage());
          json.writeStringField("type", told.type());
          json.writeStringField("param", failure.getField());
          json.writeStringField("code", told.code());
          if (failure.getRemainingPicoUsd() != null) {
            json.writeStringField(
                "remaining_usd", new Money(failure.getRemainingPicoUsd()).toUsd());
          }
          json.writeEndObject();
          json.writeEndObject();
        });
  }

  private static Told told(Reason reason) {
    return switch (reason) {
      case UNKNOWN_MODEL, MODEL_NOT_FOUND ->
          new Told(404, "invalid_request_error", "model_not_found");
      case UNAUTHORIZED -> new Told(401, "invalid_request_error", "invalid_api_key");
      case CONTEXT_TOO_LONG, PROMPT_TOO_LARGE ->
          new Told(400, "invalid_request_error", "context_length_exceeded");
      // What the provider calls a bad request is the caller's to mend.
      case PROVIDER_REJECTED -> new Told(400, "invalid_request_error", reason.code());
      case BUDGET_EXHAUSTED, QUOTA_EXHAUSTED ->
          new Told(429, "insufficient_quota", "insufficient_quota");
      case RATE_LIMITED, BUDGET_BUSY -> new Told(429, "requests", "rate_limit_exceeded");
      default -> {
        int status = HttpStatuses.of(reason);
        yield new Told(
            status, status < 500 ? "invalid_request_error" : "server_error", reason.code());
      }
    };
  }
}
