package io.penstock.ingress.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.ingress.json.Json;
import java.io.IOException;
import java.util.Map;

/** The models that may be asked for, as OpenAI lists them. */
public final class OpenAiModels {
  private static final int SMALL = 128;

  /** OpenAI demands to know when a model was made, which providers do not tell us. */
  private static final long UNKNOWN_TIME = 0;

  private OpenAiModels() {}

  public static byte[] list(Map<String, String> providerByModel) {
    return Json.write(
        SMALL * (1 + providerByModel.size()),
        json -> {
          json.writeStartObject();
          json.writeStringField("object", "list");
          json.writeArrayFieldStart("data");
          for (Map.Entry<String, String> model : providerByModel.entrySet()) {
            write(json, model.getKey(), model.getValue());
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  public static byte[] one(String id, String provider) {
    return Json.write(SMALL, json -> write(json, id, provider));
  }

  private static void write(JsonGenerator json, String id, String provider) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", id);
    json.writeStringField("object", "model");
    json.writeNumberField("created", UNKNOWN_TIME);
    json.writeStringField("owned_by", provider);
    json.writeEndObject();
  }
}
