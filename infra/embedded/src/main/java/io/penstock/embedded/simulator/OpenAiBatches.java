package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** OpenAI's batch endpoints (docs/measurements.md, Providers §1.7). */
final class OpenAiBatches {
  private static final int ROWS = 20;
  private static final int MOST_ROWS = 100;

  private final Dialect dialect = new OpenAiDialect();
  private final Provider provider;
  private final Batches batches;

  OpenAiBatches(Provider provider) {
    this.provider = provider;
    this.batches = new Batches("batch_sim", new OpenAiBatchForm(), provider, provider.files);
  }

  void addTo(RoutesConfig routes) {
    routes.post("/v1/batches", new JsonEndpoint(dialect, this::create));
    routes.get("/v1/batches", new JsonEndpoint(dialect, this::list));
    routes.get(
        "/v1/batches/{id}",
        new JsonEndpoint(dialect, context -> json(batches.find(context.pathParam("id")))));
    routes.post(
        "/v1/batches/{id}/cancel",
        new JsonEndpoint(dialect, context -> json(batches.cancel(context.pathParam("id")))));
  }

  private JsonNode create(Context context) throws WrongRequestException {
    CallBody body = CallBody.parse(context.bodyAsBytes());
    String endpoint = body.get("endpoint").asText();
    if (!OpenAiBatchForm.endpoints().contains(endpoint)) {
      throw WrongRequestException.at(
          "endpoint",
          "endpoint is "
              + body.get("endpoint")
              + ": give one of "
              + String.join(", ", OpenAiBatchForm.endpoints()));
    }
    if (!body.get("completion_window").asText().equals("24h")) {
      throw WrongRequestException.at(
          "completion_window",
          "completion_window is " + body.get("completion_window") + ": give 24h");
    }
    StoredFile input = OpenAiFiles.find(provider, body.get("input_file_id").asText());
    if (!input.purpose().equals(OpenAiFiles.PURPOSE)) {
      throw WrongRequestException.at(
          "input_file_id",
          "input_file_id is a file for " + input.purpose() + ": upload one for a batch");
    }
    JsonNode metadata = body.has("metadata") ? body.get("metadata") : null;
    return json(batches.start(input, endpoint, metadata));
  }

  private JsonNode list(Context context) throws WrongRequestException {
    Page<Batch> page = Page.of(context, batches.all(), "after", null, ROWS, MOST_ROWS);
    ObjectNode json = Json.MAPPER.createObjectNode().put("object", "list");
    ArrayNode data = json.putArray("data");
    page.rows().forEach(batch -> data.add(json(batch)));
    json.put("first_id", page.rows().isEmpty() ? null : page.rows().getFirst().id);
    json.put("last_id", page.rows().isEmpty() ? null : page.rows().getLast().id);
    return json.put("has_more", page.more());
  }

  private static ObjectNode json(Batch batch) {
    Batch.Standing standing = batch.standing();
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("id", batch.id).put("object", "batch").put("endpoint", batch.order.endpoint());
    json.set("errors", errors(standing));
    json.put("input_file_id", batch.order.input().id()).put("completion_window", "24h");
    json.put("status", standing.state().name().toLowerCase(Locale.ROOT));
    json.put("output_file_id", id(standing.output()));
    json.put("error_file_id", id(standing.errors()));
    json.put("created_at", batch.order.created().getEpochSecond());
    json.put("expires_at", batch.order.expires().getEpochSecond());
    for (Batch.State state : Batch.State.values()) {
      if (state != Batch.State.VALIDATING) {
        Instant at = standing.since().get(state);
        json.put(
            state.name().toLowerCase(Locale.ROOT) + "_at", at == null ? null : at.getEpochSecond());
      }
    }
    Batch.Counts counts = standing.counts();
    json.putObject("request_counts")
        .put("total", counts.total())
        .put("completed", counts.answered())
        .put("failed", counts.failed() + counts.expired());
    if (standing.state().isOver()) {
      json.set("usage", usage(standing.use()));
    }
    json.set("metadata", batch.order.metadata());
    return json;
  }

  private static @Nullable String id(@Nullable StoredFile file) {
    return file == null ? null : file.id();
  }

  private static @Nullable ObjectNode errors(Batch.Standing standing) {
    if (standing.problems().isEmpty()) {
      return null;
    }
    ObjectNode json = Json.MAPPER.createObjectNode().put("object", "list");
    ArrayNode data = json.putArray("data");
    for (Batch.Problem problem : standing.problems()) {
      data.addObject()
          .put("code", problem.code())
          .put("line", problem.line())
          .put("message", problem.message())
          .put("param", problem.param());
    }
    return json;
  }

  private static ObjectNode usage(TokenUse use) {
    ObjectNode json = Json.MAPPER.createObjectNode().put("input_tokens", use.totalInput());
    json.putObject("input_tokens_details").put("cached_tokens", use.cacheRead());
    json.put("output_tokens", use.output());
    json.putObject("output_tokens_details").put("reasoning_tokens", use.reasoning());
    return json.put("total_tokens", use.totalInput() + use.output());
  }
}
