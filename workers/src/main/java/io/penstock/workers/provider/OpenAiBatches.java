package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Endpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.MultipartBody;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's batches: lines in a file, found again by what is written beside the batch
 * (docs/measurements.md, Providers §1.7).
 */
record OpenAiBatches(BatchCalls calls) implements BatchApi {
  private static final MediaType JSON = MediaType.get("application/json");
  private static final MediaType LINES = MediaType.get("application/jsonl");
  private static final String JOB = "penstock_job";
  private static final Set<String> UNDER_WAY =
      Set.of("validating", "in_progress", "finalizing", "cancelling");
  private static final Set<String> CALLED_OFF = Set.of("cancelling", "finalizing");
  private static final int PAGE = 100;
  private static final int MOST_PAGES = 100;
  private static final int OK = 200;

  /** How much the provider's clock may be behind ours. */
  private static final Duration SKEW = Duration.ofMinutes(5);

  @Override
  public BatchFound find(String jobId, Instant since) throws BatchRefusedException {
    String after = null;
    for (int page = 0; page < MOST_PAGES; page++) {
      HttpUrl.Builder url =
          at("batches").newBuilder().addQueryParameter("limit", Integer.toString(PAGE));
      if (after != null) {
        url.addQueryParameter("after", after);
      }
      JsonNode list = calls.get(url.build());
      for (JsonNode batch : list.path("data")) {
        if (jobId.equals(batch.path("metadata").path(JOB).asText())) {
          return new BatchFound.It(batch.path("id").asText());
        }
        after = batch.path("id").asText();
        if (Instant.ofEpochSecond(batch.path("created_at").asLong(since.getEpochSecond()))
            .isBefore(since.minus(SKEW))) {
          return new BatchFound.Nothing(); // The newest come first.
        }
      }
      if (!list.path("has_more").asBoolean(false) || list.path("data").isEmpty()) {
        return new BatchFound.Nothing();
      }
    }
    return new BatchFound.Nothing();
  }

  @Override
  public Framing framing() {
    return new Framing("", "\n", "\n");
  }

  @Override
  public void write(BufferedSink sink, String id, Question question) throws IOException {
    ObjectNode line = Json.object();
    line.put("custom_id", id).put("method", "POST").put("url", path(question));
    line.set("body", question.body());
    sink.write(Json.bytes(line));
  }

  private static String path(Question question) {
    return question.inquiry().request().getEndpoint() == Endpoint.EMBEDDINGS
        ? "/v1/embeddings"
        : "/v1/chat/completions";
  }

  @Override
  public String submit(String jobId, Question first, Path lines) throws BatchRefusedException {
    RequestBody form =
        new MultipartBody.Builder()
            .setType(MultipartBody.FORM)
            .addFormDataPart("purpose", "batch")
            .addFormDataPart("file", jobId + ".jsonl", BatchCalls.file(lines, LINES))
            .build();
    String file = calls.post(at("files"), form).path("id").asText();
    ObjectNode batch = Json.object();
    batch
        .put("input_file_id", file)
        .put("endpoint", path(first))
        .put("completion_window", "24h")
        .putObject("metadata")
        .put(JOB, jobId);
    return calls
        .post(at("batches"), RequestBody.create(Json.bytes(batch), JSON))
        .path("id")
        .asText();
  }

  @Override
  public BatchState state(String ref) throws BatchRefusedException {
    JsonNode batch = calls.get(at("batches", ref));
    String status = batch.path("status").asText();
    JsonNode counts = batch.path("request_counts");
    if (UNDER_WAY.contains(status)) {
      return new BatchState.Running(
          counts.path("total").asInt(),
          counts.path("completed").asInt() + counts.path("failed").asInt(),
          CALLED_OFF.contains(status));
    }
    var results = new ArrayList<HttpUrl>();
    for (String field : List.of("output_file_id", "error_file_id")) {
      String file = Json.text(batch, field);
      if (file != null) {
        results.add(at("files", file, "content"));
      }
    }
    String input = Json.text(batch, "input_file_id");
    return new BatchState.Over(
        status, results, input == null ? List.of() : List.of(at("files", input)));
  }

  @Override
  public void cancel(String ref) throws BatchRefusedException {
    var _ = calls.post(at("batches", ref, "cancel"));
  }

  @Override
  public String idOf(JsonNode line) {
    return line.path("custom_id").asText();
  }

  @Override
  public @Nullable Result read(Question question, JsonNode line, Instant now) {
    JsonNode response = line.path("response");
    JsonNode error = line.path("error");
    if (!response.isObject()) {
      return "batch_expired".equals(error.path("code").asText())
              || "batch_cancelled".equals(error.path("code").asText())
          ? null
          : Result.Failed.of(
              Reason.PROVIDER_ERROR,
              "the provider failed the line: " + Json.text(error, "message"));
    }
    int status = response.path("status_code").asInt();
    JsonNode body = response.path("body");
    return status == OK
        ? question.inquiry().provider().dialect().read(question, body)
        : Refusal.read(question.inquiry().traits(), status, Headers.of(), Json.write(body), now);
  }

  private HttpUrl at(String... segments) {
    return calls.settings().at(String.join("/", segments));
  }
}
