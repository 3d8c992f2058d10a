package io.penstock.ingress.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.ServedBy;
import io.penstock.schemas.avro.Status;
import io.penstock.schemas.avro.Usage;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes every JSON document a caller may get. Any thread. */
public final class ResponseWriter {
  private static final int SMALL = 256;
  private static final int ENVELOPE = 512;
  private static final String ACCEPTED = "accepted";
  private static final String NOT_ACCEPTED = "not_accepted";

  private ResponseWriter() {}

  /** The answer to an answered request. */
  public static byte[] answered(InferenceResponse response) {
    Answer answer = response.getAnswer();
    int text = answer == null ? 0 : answer.getText().length();
    return Json.write(text + ENVELOPE, json -> writeAnswered(json, response));
  }

  /**
   * @param id of the request that failed, when it was accepted
   */
  public static byte[] failed(Failure failure, @Nullable String id) {
    return Json.write(
        SMALL,
        json -> {
          json.writeStartObject();
          writeError(json, failure, id);
          json.writeEndObject();
        });
  }

  /**
   * Only what {@link #failed} says about the failure.
   *
   * @param id of the request that failed, when it was accepted
   */
  public static byte[] error(Failure failure, @Nullable String id) {
    return Json.write(SMALL, json -> writeErrorObject(json, failure, id));
  }

  /** What a caller gets whose request will be answered later. */
  public static byte[] accepted(String id) {
    return Json.write(
        SMALL,
        json -> {
          json.writeStartObject();
          writeAccepted(json, id);
          json.writeEndObject();
        });
  }

  /**
   * The ids of a batch, in its order. One that was not accepted has none, for there is nothing to
   * be found by it, but an entry among the errors.
   */
  public static byte[] accepted(Collection<Item> items) {
    return Json.write(
        SMALL + 48 * items.size(),
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("ids");
          for (Item item : items) {
            json.writeString(item.id());
          }
          json.writeEndArray();
          writeErrors(json, items);
          json.writeEndObject();
        });
  }

  private static void writeErrors(JsonGenerator json, Collection<Item> items) throws IOException {
    if (items.stream().noneMatch(Item.NotAccepted.class::isInstance)) {
      return;
    }
    json.writeArrayFieldStart("errors");
    for (Item item : items) {
      if (item instanceof Item.NotAccepted(int index, Failure failure)) {
        json.writeStartObject();
        json.writeNumberField("index", index);
        writeError(json, failure, null);
        json.writeEndObject();
      }
    }
    json.writeEndArray();
  }

  /** What is known of one request. */
  public static byte[] status(String id, @Nullable InferenceResponse response) {
    return Json.write(
        ENVELOPE,
        json -> {
          json.writeStartObject();
          json.writeStringField("id", id);
          json.writeStringField("status", response == null ? ACCEPTED : word(response.getStatus()));
          json.writeFieldName("response");
          if (response == null || response.getStatus() != Status.ANSWERED) {
            json.writeNull();
          } else {
            writeAnswered(json, response);
          }
          if (response == null || response.getFailure() == null) {
            json.writeNullField("error");
          } else {
            writeError(json, response.getFailure(), null);
          }
          json.writeEndObject();
        });
  }

  /** What is known of one request of a batch. */
  public sealed interface Item {
    /** Under which its response is found; null when it was not accepted. */
    @Nullable String id();

    /** It will be answered later. */
    record Accepted(String id) implements Item {}

    /** It has its response. */
    record Ended(InferenceResponse response) implements Item {
      @Override
      public String id() {
        return response.getId();
      }
    }

    /** It could not be stored; {@code index} is its place in the batch, from 0. */
    record NotAccepted(int index, Failure failure) implements Item {
      @Override
      public @Nullable String id() {
        return null;
      }
    }
  }

  /** What is known of a batch, in its order. */
  public static byte[] batch(Collection<Item> items) {
    return Json.write(
        ENVELOPE * items.size(),
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("responses");
          for (Item item : items) {
            json.writeStartObject();
            writeItem(json, item);
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void writeItem(JsonGenerator json, Item item) throws IOException {
    switch (item) {
      case Item.Accepted(String id) -> writeAccepted(json, id);
      case Item.Ended(InferenceResponse response) -> writeEnded(json, response);
      case Item.NotAccepted(_, Failure failure) -> {
        json.writeStringField("id", null);
        json.writeStringField("status", NOT_ACCEPTED);
        writeError(json, failure, null);
      }
    }
  }

  private static void writeEnded(JsonGenerator json, InferenceResponse response)
      throws IOException {
    json.writeStringField("id", response.getId());
    json.writeStringField("status", word(response.getStatus()));
    if (response.getFailure() != null) {
      writeError(json, response.getFailure(), null);
    } else {
      json.writeFieldName("response");
      writeAnswered(json, response);
    }
  }

  /** Whether all is ready, and what each check says. */
  public static byte[] ready(boolean ready, Map<String, String> checks) {
    return Json.write(
        SMALL,
        json -> {
          json.writeStartObject();
          json.writeBooleanField("ready", ready);
          json.writeObjectFieldStart("checks");
          for (Map.Entry<String, String> check : checks.entrySet()) {
            json.writeStringField(check.getKey(), check.getValue());
          }
          json.writeEndObject();
          json.writeEndObject();
        });
  }

  public static byte[] live() {
    return Json.write(
        SMALL,
        json -> {
          json.writeStartObject();
          json.writeStringField("status", "live");
          json.writeEndObject();
        });
  }

  private static void writeAnswered(JsonGenerator json, InferenceResponse response)
      throws IOException {
    Answer answer = response.getAnswer();
    ServedBy servedBy = response.getServedBy();
    json.writeStartObject();
    json.writeStringField("id", response.getId());
    json.writeStringField("text", answer == null ? null : answer.getText());
    json.writeStringField("model", response.getModel());
    json.writeStringField("provider", response.getProvider());
    json.writeStringField("finish_reason", answer == null ? null : answer.getFinishReason());
    json.writeStringField("served_by", servedBy == null ? null : word(servedBy));
    json.writeFieldName("usage");
    writeUsage(json, response.getUsage());
    writeAmount(json, "cost_usd", response.getSpentPicoUsd());
    writeAmount(json, "avoided_usd", response.getAvoidedPicoUsd());
    json.writeNumberField(
        "latency_ms",
        Duration.between(response.getAcceptedAt(), response.getCompletedAt()).toMillis());
    if (answer != null) {
      AnswerParts.write(json, answer);
    }
    json.writeEndObject();
  }

  /** In parts that never overlap, as the ledger prices them; reasoning is inside the output. */
  private static void writeUsage(JsonGenerator json, @Nullable Usage usage) throws IOException {
    if (usage == null) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    json.writeNumberField("input_tokens", usage.getUncachedInput());
    json.writeNumberField("output_tokens", usage.getOutput());
    json.writeNumberField("cache_read_tokens", usage.getCacheRead());
    json.writeNumberField("cache_write_tokens", usage.getCacheWrite() + usage.getCacheWriteLong());
    json.writeNumberField("reasoning_tokens", usage.getReasoning());
    json.writeEndObject();
  }

  private static void writeAmount(JsonGenerator json, String field, @Nullable Long pico)
      throws IOException {
    json.writeStringField(field, pico == null ? null : new Money(pico).toUsd());
  }

  private static void writeError(JsonGenerator json, Failure failure, @Nullable String id)
      throws IOException {
    json.writeFieldName("error");
    writeErrorObject(json, failure, id);
  }

  private static void writeErrorObject(JsonGenerator json, Failure failure, @Nullable String id)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("code", failure.getCode());
    json.writeStringField("message", failure.getMessage());
    if (failure.getField() != null) {
      json.writeStringField("field", failure.getField());
    }
    json.writeBooleanField("retryable", failure.getRetryable());
    if (failure.getRetryAfterMs() != null) {
      json.writeNumberField("retry_after_ms", failure.getRetryAfterMs());
    }
    if (failure.getRemainingPicoUsd() != null) {
      writeAmount(json, "remaining_usd", failure.getRemainingPicoUsd());
    }
    if (id != null) {
      json.writeStringField("id", id);
    }
    json.writeEndObject();
  }

  private static void writeAccepted(JsonGenerator json, String id) throws IOException {
    json.writeStringField("id", id);
    json.writeStringField("status", ACCEPTED);
  }

  private static String word(Status status) {
    return status.name().toLowerCase(Locale.ROOT);
  }

  /** The word for where an answer came from, in JSON and metrics. */
  public static String word(ServedBy servedBy) {
    return servedBy.name().toLowerCase(Locale.ROOT);
  }
}
