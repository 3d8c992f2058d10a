package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;

/** OpenAI's files, as far as batches need them (docs/measurements.md, Providers §1.7). */
final class OpenAiFiles {
  static final String PURPOSE = "batch";
  private static final int MOST_ROWS = 10_000;

  private final Dialect dialect = new OpenAiDialect();
  private final Provider provider;

  OpenAiFiles(Provider provider) {
    this.provider = provider;
  }

  void addTo(RoutesConfig routes) {
    routes.post("/v1/files", new JsonEndpoint(dialect, this::upload));
    routes.get("/v1/files", new JsonEndpoint(dialect, this::list));
    routes.get("/v1/files/{id}", new JsonEndpoint(dialect, context -> json(find(context))));
    routes.delete("/v1/files/{id}", new JsonEndpoint(dialect, this::delete));
    routes.get("/v1/files/{id}/content", this::content);
  }

  private JsonNode upload(Context context) throws WrongRequestException, IOException {
    String purpose = context.formParam("purpose");
    if (!PURPOSE.equals(purpose)) {
      throw WrongRequestException.at("purpose", "purpose is " + purpose + ": give " + PURPOSE);
    }
    UploadedFile file = context.uploadedFile("file");
    String text = context.formParam("file");
    if (file == null && text == null) {
      throw WrongRequestException.at("file", "file is missing: add a part with its name and bytes");
    }
    String name = file == null ? "upload.jsonl" : file.filename();
    try (InputStream in = file == null ? utf8(Objects.requireNonNull(text)) : file.content();
        StoredFiles.Draft draft = provider.files.draft()) {
      byte[] part = in.readNBytes(1 << 16);
      while (part.length > 0) {
        draft.write(part);
        part = in.readNBytes(1 << 16);
      }
      return json(draft.keep(name, PURPOSE, provider.now(), null));
    }
  }

  private static InputStream utf8(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private JsonNode list(Context context) throws WrongRequestException {
    String purpose = context.queryParam("purpose");
    NavigableMap<String, StoredFile> files = new TreeMap<>(provider.files.all(provider.now()));
    files.values().removeIf(file -> purpose != null && !file.purpose().equals(purpose));
    Page<StoredFile> page = Page.of(context, files, "after", null, MOST_ROWS, MOST_ROWS);
    ObjectNode json = Json.MAPPER.createObjectNode().put("object", "list");
    ArrayNode data = json.putArray("data");
    page.rows().forEach(file -> data.add(json(file)));
    json.put("first_id", page.rows().isEmpty() ? null : page.rows().getFirst().id());
    json.put("last_id", page.rows().isEmpty() ? null : page.rows().getLast().id());
    return json.put("has_more", page.more());
  }

  private JsonNode delete(Context context) throws WrongRequestException {
    StoredFile file = find(context);
    provider.files.delete(file);
    return Json.MAPPER
        .createObjectNode()
        .put("id", file.id())
        .put("object", "file")
        .put("deleted", true);
  }

  private void content(Context context) throws IOException {
    try {
      StoredFile file = find(context);
      context.contentType("application/octet-stream").result(Files.newInputStream(file.path()));
    } catch (WrongRequestException e) {
      context
          .contentType("application/json")
          .status(e.refusal().kind().status())
          .result(dialect.error(e.refusal(), "files"));
    }
  }

  private StoredFile find(Context context) throws WrongRequestException {
    return find(provider, context.pathParam("id"));
  }

  static StoredFile find(Provider provider, String id) throws WrongRequestException {
    return provider
        .files
        .find(id, provider.now())
        .orElseThrow(
            () -> new WrongRequestException(Refusal.notFound("No such File object: " + id)));
  }

  private static ObjectNode json(StoredFile file) {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("id", file.id()).put("object", "file").put("bytes", file.bytes());
    json.put("created_at", file.created().getEpochSecond());
    if (file.until() != null) {
      json.put("expires_at", file.until().getEpochSecond());
    }
    json.put("filename", file.name()).put("purpose", file.purpose());
    return json.put("status", "processed").putNull("status_details");
  }
}
