package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Anthropic's message batches (docs/measurements.md, Providers §2.5). */
final class AnthropicBatches {
  private static final String PATH = "/v1/messages/batches";
  private static final int ROWS = 20;
  private static final int MOST_ROWS = 1_000;

  private final Dialect dialect = new AnthropicDialect();
  private final Provider provider;
  private final Batches batches;

  AnthropicBatches(Provider provider) {
    this.provider = provider;
    this.batches =
        new Batches("msgbatch_sim", new AnthropicBatchForm(), provider, provider.messageFiles);
  }

  void addTo(RoutesConfig routes) {
    routes.post(PATH, new JsonEndpoint(dialect, this::create));
    routes.get(PATH, new JsonEndpoint(dialect, this::list));
    routes.get(PATH + "/{id}", new JsonEndpoint(dialect, context -> json(context, find(context))));
    routes.post(
        PATH + "/{id}/cancel",
        new JsonEndpoint(
            dialect, context -> json(context, batches.cancel(context.pathParam("id")))));
    routes.delete(PATH + "/{id}", new JsonEndpoint(dialect, this::delete));
    routes.get(PATH + "/{id}/results", this::results);
  }

  private JsonNode create(Context context) throws WrongRequestException, IOException {
    StoredFile input;
    try (StoredFiles.Draft draft = provider.messageFiles.draft()) {
      AnthropicBatchBody.copy(context.req().getInputStream(), draft);
      input = draft.keep("requests.jsonl", "requests", provider.now(), null);
    }
    return json(context, batches.start(input, dialect.path(), null));
  }

  private JsonNode list(Context context) throws WrongRequestException {
    Page<Batch> page = Page.of(context, batches.all(), "after_id", "before_id", ROWS, MOST_ROWS);
    ObjectNode json = Json.MAPPER.createObjectNode();
    ArrayNode data = json.putArray("data");
    page.rows().forEach(batch -> data.add(json(context, batch)));
    json.put("first_id", page.rows().isEmpty() ? null : page.rows().getFirst().id);
    json.put("last_id", page.rows().isEmpty() ? null : page.rows().getLast().id);
    return json.put("has_more", page.more());
  }

  private JsonNode delete(Context context) throws WrongRequestException {
    Batch batch = find(context);
    if (!batch.standing().state().isOver()) {
      throw WrongRequestException.at(
          "message_batch_id", "the batch has not ended: wait, or cancel it first");
    }
    kept(batch).ifPresent(provider.messageFiles::delete);
    provider.messageFiles.delete(batch.order.input());
    batches.forget(batch);
    return Json.MAPPER.createObjectNode().put("id", batch.id).put("type", "message_batch_deleted");
  }

  private void results(Context context) throws IOException {
    try {
      StoredFile results =
          kept(find(context))
              .orElseThrow(
                  () -> new WrongRequestException(Refusal.notFound("There are no results.")));
      context.contentType("application/x-jsonl").result(Files.newInputStream(results.path()));
    } catch (WrongRequestException e) {
      context
          .contentType("application/json")
          .status(e.refusal().kind().status())
          .result(dialect.error(e.refusal(), "results"));
    }
  }

  private Batch find(Context context) throws WrongRequestException {
    return batches.find(context.pathParam("id"));
  }

  /** The results, when the batch has ended and they are not too old. */
  private Optional<StoredFile> kept(Batch batch) {
    StoredFile output = batch.standing().output();
    return output == null
        ? Optional.empty()
        : provider.messageFiles.find(output.id(), provider.now());
  }

  private ObjectNode json(Context context, Batch batch) {
    Batch.Standing standing = batch.standing();
    boolean over = standing.state().isOver();
    boolean cancelling = standing.state() == Batch.State.CANCELLING;
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("id", batch.id).put("type", "message_batch");
    json.put("processing_status", over ? "ended" : cancelling ? "canceling" : "in_progress");
    Batch.Counts counts = over ? standing.counts() : Batch.Counts.NONE;
    json.putObject("request_counts")
        .put("processing", over ? 0 : standing.counts().total())
        .put("succeeded", counts.answered())
        .put("errored", counts.failed())
        .put("canceled", counts.cancelled())
        .put("expired", counts.expired());
    json.put("created_at", batch.order.created().toString());
    json.put("expires_at", batch.order.expires().toString());
    json.put("ended_at", over ? text(standing.since().get(standing.state())) : null);
    json.put("cancel_initiated_at", text(standing.since().get(Batch.State.CANCELLING)));
    boolean readable = kept(batch).isPresent();
    StoredFile output = standing.output();
    json.put("archived_at", output == null || readable ? null : text(output.until()));
    json.put(
        "results_url",
        readable ? "http://" + context.host() + PATH + "/" + batch.id + "/results" : null);
    return json;
  }

  private static @Nullable String text(@Nullable Instant moment) {
    return moment == null ? null : moment.toString();
  }
}
