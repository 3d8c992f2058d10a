package io.penstock.ingress.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.ingress.providers.Finding;
import io.penstock.ingress.providers.ModelState;
import io.penstock.schemas.avro.Breaker;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes how the models of the providers stand. What nobody knows is null. */
public final class ProvidersWriter {
  private static final int MODEL_BYTES = 512;

  private ProvidersWriter() {}

  public static byte[] write(List<ModelState> models) {
    return Json.write(
        MODEL_BYTES * (models.size() + 1),
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("models");
          for (ModelState model : models) {
            write(json, model);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void write(JsonGenerator json, ModelState model) throws IOException {
    json.writeStartObject();
    json.writeStringField("provider", model.provider());
    json.writeStringField("model", model.model());
    json.writeStringField("breaker", word(model.breaker()));
    time(json, "since", model.since());
    time(json, "open_until", model.openUntil());
    json.writeStringField("reason", model.reason());
    number(json, "remaining_requests", model.remainingRequests());
    number(json, "remaining_tokens", model.remainingTokens());
    time(json, "reset_at", model.resetAt());
    time(json, "confirmed_at", model.confirmedAt());
    json.writeArrayFieldStart("workers");
    for (Finding each : model.workers()) {
      json.writeStartObject();
      json.writeStringField("worker", each.state().getWorker());
      json.writeStringField("breaker", word(each.state().getBreaker()));
      time(json, "since", each.since());
      time(json, "open_until", each.state().getOpenUntil());
      json.writeStringField("reason", each.state().getReason());
      Integer limit = each.state().getLimit();
      number(json, "limit", limit == null ? null : Long.valueOf(limit));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static String word(Breaker breaker) {
    return breaker.name().toLowerCase(Locale.ROOT);
  }

  private static void time(JsonGenerator json, String field, @Nullable Instant at)
      throws IOException {
    json.writeStringField(field, at == null ? null : at.toString());
  }

  private static void number(JsonGenerator json, String field, @Nullable Long number)
      throws IOException {
    if (number == null) {
      json.writeNullField(field);
    } else {
      json.writeNumberField(field, number);
    }
  }
}
