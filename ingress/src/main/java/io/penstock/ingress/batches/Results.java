package io.penstock.ingress.batches;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.ingress.face.Face;
import io.penstock.ingress.face.Written;
import io.penstock.ingress.files.FileWriting;
import io.penstock.ingress.json.Json;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.BatchOrder;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.StoredFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Writes what became of a batch: its answers into one file, and what became of the other lines into
 * another, each line once. They are only made at the end, from the responses on the log, which are
 * kept for longer than a batch may take. One thread.
 */
final class Results {
  private static final int LINE_BYTES = 256;
  private static final String EXPIRED = "batch_expired";

  private final BatchDesk desk;
  private final BatchOrder order;
  private final Face face;
  private final Lines lines;
  private final Tally tally;
  private final Sheet answers = new Sheet("output");
  private final Sheet errors = new Sheet("error");

  /** Both files; null where there was nothing to say. */
  record Files(@Nullable StoredFile answers, @Nullable StoredFile errors) {}

  Results(BatchDesk desk, BatchOrder order, Face face, Lines lines, Tally tally) {
    this.desk = desk;
    this.order = order;
    this.face = face;
    this.lines = lines;
    this.tally = tally;
  }

  /**
   * Writes both files, which nobody finds before the batch says where they are.
   *
   * @throws io.penstock.ingress.files.FileException when they cannot be stored
   * @throws org.apache.kafka.common.KafkaException when the responses cannot be read
   */
  Files write() {
    var byPlace = tally.byPlace();
    desk.status()
        .scan()
        .each(
            new ArrayList<>(byPlace.keySet()),
            (place, response) -> responded(byPlace.getOrDefault(place, -1), response));
    lines.refused().forEach(this::refused);
    var told = new BitSet();
    byPlace.values().forEach(told::set);
    for (int line = 0; line < lines.count(); line++) {
      if (tally.fateOf(line) == Tally.Fate.EXPIRED && !told.get(line)) {
        expired(line);
      }
    }
    return new Files(answers.end(), errors.end());
  }

  private void responded(int line, @Nullable InferenceResponse response) {
    switch (tally.fateOf(line)) {
      case COMPLETED, FAILED -> {
        if (response == null) {
          failed(line, "response_lost", "the log no longer has the response to this request");
        } else {
          told(line, response);
        }
      }
      case EXPIRED -> expired(line);
      case WITHDRAWN, OPEN -> {} // cancelled: in neither file
    }
  }

  private void told(int line, InferenceResponse response) {
    Failure failure = response.getFailure();
    if (failure == null) {
      answers.add(line, json -> response(json, response.getId(), face.answered(response)));
    } else {
      Written written = face.failed(failure, response.getId());
      errors.add(line, json -> response(json, response.getId(), written));
    }
  }

  private void refused(int line, Failure failure) {
    errors.add(line, json -> response(json, requestOf(line), face.failed(failure, null)));
  }

  private void expired(int line) {
    failed(
        line, EXPIRED, "This request could not be executed before the completion window expired.");
  }

  private void failed(int line, String code, String message) {
    errors.add(
        line,
        json -> {
          json.writeNullField("response");
          json.writeObjectFieldStart("error");
          json.writeStringField("code", code);
          json.writeStringField("message", message);
          json.writeEndObject();
        });
  }

  private static void response(JsonGenerator json, String id, Written written) throws IOException {
    json.writeObjectFieldStart("response");
    json.writeNumberField("status_code", written.status());
    json.writeStringField("request_id", id);
    json.writeFieldName("body");
    json.writeRawValue(Json.oneLine(new String(written.body(), StandardCharsets.UTF_8)));
    json.writeEndObject();
    json.writeNullField("error");
  }

  private String requestOf(int line) {
    return order.getId().replace("batch_", "batch_req_") + "_" + line;
  }

  /** One of the two files in the making. */
  private final class Sheet {
    private final String kind;
    private @Nullable FileWriting writing;

    private Sheet(String kind) {
      this.kind = kind;
    }

    private void add(int line, Json.Writing rest) {
      if (writing == null) {
        writing = desk.files().write(BatchIds.file());
      }
      byte[] bytes =
          Json.write(
              LINE_BYTES,
              json -> {
                json.writeStartObject();
                json.writeStringField("id", requestOf(line));
                json.writeStringField("custom_id", lines.customIds().get(line));
                rest.to(json);
                json.writeEndObject();
                json.writeRaw('\n');
              });
      writing.write(bytes, 0, bytes.length);
    }

    private @Nullable StoredFile end() {
      if (writing == null) {
        return null;
      }
      Instant now = desk.clock().instant();
      Long kept = order.getOutputKeptMs();
      return writing
          .end()
          .file(
              order.getTenant(),
              order.getId() + "_" + kind + ".jsonl",
              "batch_output",
              now,
              now.plus(kept == null ? Topics.FILES_KEPT : Duration.ofMillis(kept)));
    }
  }
}
