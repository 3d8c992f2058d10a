package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.policies.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * Anthropic's message batches: all in one call (docs/measurements.md, Providers §2.5). Nothing can
 * be written beside a batch, so it is found again by the ids of its results, when it has ended.
 */
record AnthropicBatches(BatchCalls calls) implements BatchApi {
  private static final MediaType JSON = MediaType.get("application/json");
  private static final String ENDED = "ended";
  private static final int PAGE = 100;
  private static final int MOST_PAGES = 100;
  private static final int UNPROCESSABLE = 400;

  /** How much the provider's clock may be behind ours. */
  private static final Duration SKEW = Duration.ofMinutes(5);

  @Override
  public BatchFound find(String jobId, Instant since) throws BatchRefusedException {
    boolean undecided = false;
    String after = null;
    for (int page = 0; page < MOST_PAGES; page++) {
      HttpUrl.Builder url =
          batches().newBuilder().addQueryParameter("limit", Integer.toString(PAGE));
      if (after != null) {
        url.addQueryParameter("after_id", after);
      }
      JsonNode list = calls.get(url.build());
      for (JsonNode batch : list.path("data")) {
        after = batch.path("id").asText();
        if (created(batch).isBefore(since.minus(SKEW))) {
          return undecided ? new BatchFound.Undecided() : new BatchFound.Nothing();
        }
        if (!ENDED.equals(batch.path("processing_status").asText())) {
          undecided = true;
        } else if (holds(batch, jobId)) {
          return new BatchFound.It(after);
        }
      }
      if (!list.path("has_more").asBoolean(false) || list.path("data").isEmpty()) {
        break;
      }
    }
    return undecided ? new BatchFound.Undecided() : new BatchFound.Nothing();
  }

  private static Instant created(JsonNode batch) {
    try {
      return Instant.parse(batch.path("created_at").asText());
    } catch (DateTimeParseException e) {
      return Instant.MAX;
    }
  }

  private boolean holds(JsonNode batch, String jobId) throws BatchRefusedException {
    String url = Json.text(batch, "results_url");
    if (url == null) {
      return false;
    }
    try {
      Path file = Files.createTempFile("penstock-job-", ".jsonl");
      try {
        calls.download(results(batch.path("id").asText()), file);
        try (var lines = Files.lines(file)) {
          return lines
              .findFirst()
              .map(Json::tree)
              .filter(line -> idOf(line).startsWith(jobId + "-"))
              .isPresent();
        }
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new BatchRefusedException(
          Result.Failed.of(Reason.INTERNAL_ERROR, "no room for the results of a batch: " + e));
    }
  }

  @Override
  public Framing framing() {
    return new Framing("{\"requests\":[", ",", "]}");
  }

  @Override
  public void write(BufferedSink sink, String id, Question question) throws IOException {
    ObjectNode line = Json.object();
    line.put("custom_id", id);
    line.set("params", question.body());
    sink.write(Json.bytes(line));
  }

  @Override
  public String submit(String jobId, Question first, Path lines) throws BatchRefusedException {
    return calls.post(batches(), BatchCalls.file(lines, JSON)).path("id").asText();
  }

  @Override
  public BatchState state(String ref) throws BatchRefusedException {
    JsonNode batch = calls.get(batch(ref));
    String status = batch.path("processing_status").asText();
    if (!ENDED.equals(status)) {
      JsonNode counts = batch.path("request_counts");
      int processing = counts.path("processing").asInt();
      int ended =
          counts.path("succeeded").asInt()
              + counts.path("errored").asInt()
              + counts.path("canceled").asInt()
              + counts.path("expired").asInt();
      return new BatchState.Running(processing + ended, ended, "canceling".equals(status));
    }
    return new BatchState.Over(status, List.of(results(ref)), List.of());
  }

  @Override
  public void cancel(String ref) throws BatchRefusedException {
    var _ = calls.post(batch(ref).newBuilder().addPathSegment("cancel").build());
  }

  @Override
  public String idOf(JsonNode line) {
    return line.path("custom_id").asText();
  }

  @Override
  public @Nullable Result read(Question question, JsonNode line, Instant now) {
    JsonNode result = line.path("result");
    return switch (result.path("type").asText()) {
      case "succeeded" ->
          question.inquiry().provider().dialect().read(question, result.path("message"));
      case "expired", "canceled" -> null;
      default ->
          Refusal.read(
              question.inquiry().traits(),
              status(result.path("error")),
              Headers.of(),
              Json.write(result.path("error")),
              now);
    };
  }

  /** Errors of lines come without a status. */
  private static int status(JsonNode error) {
    JsonNode inner = error.path("error").isObject() ? error.path("error") : error;
    return switch (inner.path("type").asText()) {
      case "authentication_error" -> 401;
      case "billing_error" -> 402;
      case "permission_error" -> 403;
      case "not_found_error" -> 404;
      case "request_too_large" -> 413;
      case "rate_limit_error" -> 429;
      case "api_error" -> 500;
      case "timeout_error" -> 504;
      case "overloaded_error" -> 529;
      default -> UNPROCESSABLE;
    };
  }

  private HttpUrl batches() {
    return calls.settings().at("v1/messages/batches");
  }

  private HttpUrl batch(String ref) {
    return batches().newBuilder().addPathSegment(ref).build();
  }

  private HttpUrl results(String ref) {
    return batch(ref).newBuilder().addPathSegment("results").build();
  }
}
