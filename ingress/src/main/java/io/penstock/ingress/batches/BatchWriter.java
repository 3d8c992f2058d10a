package io.penstock.ingress.batches;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.ingress.json.Json;
import io.penstock.schemas.Money;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.BatchFault;
import io.penstock.schemas.avro.BatchOrder;
import io.penstock.schemas.avro.BatchProgress;
import io.penstock.schemas.avro.BatchStage;
import io.penstock.schemas.avro.StoredFile;
import io.penstock.schemas.avro.Usage;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes batches in OpenAI's words (docs/measurements.md, Providers §1.7), with our own in the
 * object {@code penstock}.
 */
public final class BatchWriter {
  private static final int BATCH_BYTES = 1024;

  private BatchWriter() {}

  public static byte[] one(Batch batch) {
    return Json.write(BATCH_BYTES, json -> write(json, batch));
  }

  /**
   * @param more whether there are others behind these
   */
  public static byte[] list(List<Batch> batches, boolean more) {
    return Json.write(
        BATCH_BYTES * (1 + batches.size()),
        json -> {
          json.writeStartObject();
          json.writeStringField("object", "list");
          json.writeArrayFieldStart("data");
          for (Batch batch : batches) {
            write(json, batch);
          }
          json.writeEndArray();
          json.writeStringField(
              "first_id", batches.isEmpty() ? null : batches.getFirst().order().getId());
          json.writeStringField(
              "last_id", batches.isEmpty() ? null : batches.getLast().order().getId());
          json.writeBooleanField("has_more", more);
          json.writeEndObject();
        });
  }

  private static void write(JsonGenerator json, Batch batch) throws IOException {
    BatchOrder order = batch.order();
    BatchProgress progress = batch.progress();
    json.writeStartObject();
    json.writeStringField("id", order.getId());
    json.writeStringField("object", "batch");
    json.writeStringField("endpoint", order.getEndpoint());
    faults(json, progress);
    json.writeStringField("input_file_id", order.getInput().getId());
    json.writeStringField("completion_window", order.getCompletionWindow());
    json.writeStringField("status", batch.status());
    file(json, "output_file_id", progress == null ? null : progress.getOutput());
    file(json, "error_file_id", progress == null ? null : progress.getErrors());
    times(json, batch);
    json.writeObjectFieldStart("request_counts");
    json.writeNumberField("total", progress == null ? 0 : progress.getTotal());
    json.writeNumberField("completed", progress == null ? 0 : progress.getCompleted());
    json.writeNumberField("failed", progress == null ? 0 : progress.getFailed());
    json.writeEndObject();
    if (progress != null) {
      usage(json, progress.getUsage());
    }
    metadata(json, order.getMetadata());
    if (progress != null) {
      account(json, progress);
    }
    json.writeEndObject();
  }

  private static void faults(JsonGenerator json, @Nullable BatchProgress progress)
      throws IOException {
    if (progress == null || progress.getFaults().isEmpty()) {
      json.writeNullField("errors");
      return;
    }
    json.writeObjectFieldStart("errors");
    json.writeStringField("object", "list");
    json.writeArrayFieldStart("data");
    for (BatchFault fault : progress.getFaults()) {
      json.writeStartObject();
      json.writeStringField("code", fault.getCode());
      json.writeStringField("message", fault.getMessage());
      json.writeStringField("param", fault.getParam());
      if (fault.getLine() == null) {
        json.writeNullField("line");
      } else {
        json.writeNumberField("line", fault.getLine());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void file(JsonGenerator json, String field, @Nullable StoredFile file)
      throws IOException {
    json.writeStringField(field, file == null ? null : file.getId());
  }

  private static void times(JsonGenerator json, Batch batch) throws IOException {
    BatchOrder order = batch.order();
    BatchProgress progress = batch.progress();
    BatchStage stage = progress == null ? BatchStage.VALIDATING : progress.getStage();
    Instant ended = progress == null ? null : progress.getEndedAt();
    time(json, "created_at", order.getCreatedAt());
    time(json, "in_progress_at", progress == null ? null : progress.getInProgressAt());
    time(json, "expires_at", order.getDeadlineAt());
    time(json, "finalizing_at", progress == null ? null : progress.getFinalizingAt());
    time(json, "completed_at", stage == BatchStage.COMPLETED ? ended : null);
    time(json, "failed_at", stage == BatchStage.FAILED ? ended : null);
    time(json, "expired_at", stage == BatchStage.EXPIRED ? ended : null);
    time(json, "cancelling_at", batch.cancelledAt());
    time(json, "cancelled_at", stage == BatchStage.CANCELLED ? ended : null);
  }

  private static void time(JsonGenerator json, String field, @Nullable Instant at)
      throws IOException {
    if (at == null) {
      json.writeNullField(field);
    } else {
      json.writeNumberField(field, at.getEpochSecond());
    }
  }

  private static void usage(JsonGenerator json, Usage usage) throws IOException {
    long input = Tokens.of(usage).totalInput();
    json.writeObjectFieldStart("usage");
    json.writeNumberField("input_tokens", input);
    json.writeObjectFieldStart("input_tokens_details");
    json.writeNumberField("cached_tokens", usage.getCacheRead());
    json.writeEndObject();
    json.writeNumberField("output_tokens", usage.getOutput());
    json.writeObjectFieldStart("output_tokens_details");
    json.writeNumberField("reasoning_tokens", usage.getReasoning());
    json.writeEndObject();
    json.writeNumberField("total_tokens", input + usage.getOutput());
    json.writeEndObject();
  }

  private static void metadata(JsonGenerator json, Map<String, String> metadata)
      throws IOException {
    if (metadata.isEmpty()) {
      json.writeNullField("metadata");
      return;
    }
    json.writeObjectFieldStart("metadata");
    for (Map.Entry<String, String> tag : new TreeMap<>(metadata).entrySet()) {
      json.writeStringField(tag.getKey(), tag.getValue());
    }
    json.writeEndObject();
  }

  private static void account(JsonGenerator json, BatchProgress progress) throws IOException {
    json.writeObjectFieldStart("penstock");
    json.writeStringField("spent_usd", new Money(progress.getSpentPicoUsd()).toUsd());
    json.writeStringField("avoided_usd", new Money(progress.getAvoidedPicoUsd()).toUsd());
    json.writeNumberField("unpriced", progress.getUnpriced());
    json.writeObjectFieldStart("served_by");
    for (Map.Entry<String, Integer> source : new TreeMap<>(progress.getServedBy()).entrySet()) {
      json.writeNumberField(source.getKey(), source.getValue());
    }
    json.writeEndObject();
    json.writeStringField(
        "expected_end", Pace.expectedEnd(progress).map(Instant::toString).orElse(null));
    json.writeStringField("as_of", progress.getAt().toString());
    json.writeEndObject();
  }
}
