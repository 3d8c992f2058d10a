package io.penstock.ingress.anthropic;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.ingress.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Map;

/** The models that may be asked for, as Anthropic lists them: all on one page. */
public final class AnthropicModels {
  private static final int SMALL = 128;

  /** What Anthropic itself writes where it does not know when a model came out. */
  private static final String UNKNOWN_TIME = "1970-01-01T00:00:00Z";

  private AnthropicModels() {}

  public static byte[] list(Map<String, String> providerByModel) {
    var ids = new ArrayList<>(providerByModel.keySet());
    return Json.write(
        SMALL * (1 + ids.size()),
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("data");
          for (String id : ids) {
            write(json, id);
          }
          json.writeEndArray();
          json.writeBooleanField("has_more", false);
          json.writeStringField("first_id", ids.isEmpty() ? null : ids.getFirst());
          json.writeStringField("last_id", ids.isEmpty() ? null : ids.getLast());
          json.writeEndObject();
        });
  }

  public static byte[] one(String id) {
    return Json.write(SMALL, json -> write(json, id));
  }

  private static void write(JsonGenerator json, String id) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "model");
    json.writeStringField("id", id);
    json.writeStringField("display_name", id);
    json.writeStringField("created_at", UNKNOWN_TIME);
    json.writeEndObject();
  }
}
