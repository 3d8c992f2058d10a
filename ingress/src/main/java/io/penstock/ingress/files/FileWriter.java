package io.penstock.ingress.files;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.ingress.json.Json;
import io.penstock.schemas.avro.StoredFile;
import java.io.IOException;
import java.util.List;

/** Writes what is known of files in OpenAI's words (docs/measurements.md, Providers §1.7). */
public final class FileWriter {
  private static final int FILE_BYTES = 256;

  private FileWriter() {}

  public static byte[] one(StoredFile file) {
    return Json.write(FILE_BYTES, json -> write(json, file));
  }

  /**
   * @param more whether there are others behind these
   */
  public static byte[] list(List<StoredFile> files, boolean more) {
    return Json.write(
        FILE_BYTES * (1 + files.size()),
        json -> {
          json.writeStartObject();
          json.writeStringField("object", "list");
          json.writeArrayFieldStart("data");
          for (StoredFile file : files) {
            write(json, file);
          }
          json.writeEndArray();
          json.writeStringField("first_id", files.isEmpty() ? null : files.getFirst().getId());
          json.writeStringField("last_id", files.isEmpty() ? null : files.getLast().getId());
          json.writeBooleanField("has_more", more);
          json.writeEndObject();
        });
  }

  public static byte[] deleted(String id) {
    return Json.write(
        FILE_BYTES,
        json -> {
          json.writeStartObject();
          json.writeStringField("id", id);
          json.writeStringField("object", "file");
          json.writeBooleanField("deleted", true);
          json.writeEndObject();
        });
  }

  private static void write(JsonGenerator json, StoredFile file) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", file.getId());
    json.writeStringField("object", "file");
    json.writeNumberField("bytes", file.getBytes());
    json.writeNumberField("created_at", file.getCreatedAt().getEpochSecond());
    json.writeNumberField("expires_at", file.getExpiresAt().getEpochSecond());
    json.writeStringField("filename", file.getFilename());
    json.writeStringField("purpose", file.getPurpose());
    json.writeStringField("status", "processed"); // of the past, and demanded by the SDKs
    json.writeEndObject();
  }
}
