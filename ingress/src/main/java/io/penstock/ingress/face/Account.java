package io.penstock.ingress.face;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.ingress.json.ResponseWriter;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.InferenceResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Who served an answer and what that cost: the object {@code penstock} at the end of a stream, for
 * its headers had to leave before anybody knew.
 */
public final class Account {
  private Account() {}

  /** Writes it as a field of an object that is being written. */
  public static void write(JsonGenerator json, InferenceResponse response) throws IOException {
    json.writeObjectFieldStart("penstock");
    json.writeStringField("id", response.getId());
    if (response.getServedBy() != null) {
      json.writeStringField("served_by", ResponseWriter.word(response.getServedBy()));
    }
    json.writeStringField("cost_usd", usd(response.getSpentPicoUsd()));
    json.writeStringField("avoided_usd", usd(response.getAvoidedPicoUsd()));
    json.writeEndObject();
  }

  private static @Nullable String usd(@Nullable Long pico) {
    return pico == null ? null : new Money(pico).toUsd();
  }
}
