package io.penstock.ingress.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.ingress.face.Account;
import io.penstock.ingress.face.Events;
import io.penstock.ingress.face.Telling;
import io.penstock.ingress.json.InferenceBody.Streaming;
import io.penstock.ingress.json.Json;
import io.penstock.policies.stream.Piece;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A chat completion in chunks (docs/measurements.md, Providers §1.3). One thread. */
final class ChatTelling implements Telling {
  private static final int SMALL = 384;
  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

  private final String id;
  private final Instant createdAt;
  private final boolean withUsage;
  private final Set<Integer> begun = new HashSet<>();
  private final Map<Integer, List<Integer>> callParts = new HashMap<>();

  ChatTelling(String id, Instant createdAt, Streaming wanted) {
    this.id = id;
    this.createdAt = createdAt;
    this.withUsage = wanted == Streaming.WITH_USAGE;
  }

  @Override
  public byte[] more(String model, List<Piece> pieces) {
    var events = new Events();
    for (Piece piece : pieces) {
      // What only another API knows cannot be said in this one.
      if (piece instanceof Piece.More(Delta delta)) {
        begin(events, model, delta.getChoice());
        if (says(delta)) {
          events.add(null, chunk(model, delta.getChoice(), json -> delta(json, delta)));
        }
      }
    }
    return events.toBytes();
  }

  private void begin(Events events, @Nullable String model, int choice) {
    if (begun.add(choice)) {
      events.add(
          null,
          chunk(
              model,
              choice,
              json -> {
                json.writeStringField("role", "assistant");
                json.writeStringField("content", "");
              }));
    }
  }

  private static boolean says(Delta delta) {
    return switch (delta.getKind()) {
      case TEXT, REASONING, REFUSAL -> !delta.getText().isEmpty();
      case TOOL_CALL -> true;
      case SIGNATURE, REDACTED -> false; // this API has no words for it
    };
  }

  private void delta(JsonGenerator json, Delta delta) throws IOException {
    switch (delta.getKind()) {
      case TEXT -> json.writeStringField("content", delta.getText());
      case REASONING -> json.writeStringField("reasoning_content", delta.getText());
      case REFUSAL -> json.writeStringField("refusal", delta.getText());
      case TOOL_CALL -> {
        json.writeArrayFieldStart("tool_calls");
        json.writeStartObject();
        json.writeNumberField("index", callIndex(delta));
        ChatWriter.call(json, delta.getId(), delta.getName(), delta.getText());
        json.writeEndObject();
        json.writeEndArray();
      }
      case SIGNATURE, REDACTED -> {}
    }
  }

  /** Calls are counted among themselves, parts among all parts. */
  private int callIndex(Delta delta) {
    var parts = callParts.computeIfAbsent(delta.getChoice(), _ -> new ArrayList<>());
    int index = parts.indexOf(delta.getPart());
    if (index >= 0) {
      return index;
    }
    parts.add(delta.getPart());
    return parts.size() - 1;
  }

  @Override
  public byte[] end(InferenceResponse response) {
    var events = new Events();
    Answer answer = response.getAnswer();
    if (answer != null) {
      finish(events, 0, answer, response);
      for (int i = 0; i < answer.getOthers().size(); i++) {
        finish(events, i + 1, answer.getOthers().get(i), response);
      }
    }
    if (withUsage) {
      events.add(null, usage(response));
    }
    return events.add(null, DONE).toBytes();
  }

  private void finish(Events events, int choice, Answer answer, InferenceResponse response) {
    begin(events, response.getModel(), choice);
    boolean last = choice == lastChoice(response);
    events.add(
        null,
        Json.write(
            SMALL,
            json -> {
              json.writeStartObject();
              head(json, response.getModel());
              ChatWriter.serviceTier(json, response);
              json.writeArrayFieldStart("choices");
              json.writeStartObject();
              json.writeNumberField("index", choice);
              json.writeObjectFieldStart("delta");
              json.writeEndObject();
              ChatWriter.logprobs(json, answer);
              json.writeStringField("finish_reason", answer.getFinishReason());
              json.writeEndObject();
              json.writeEndArray();
              noUsage(json);
              if (last && !withUsage) {
                Account.write(json, response);
              }
              json.writeEndObject();
            }));
  }

  private static int lastChoice(InferenceResponse response) {
    return response.getAnswer().getOthers().size();
  }

  private byte[] usage(InferenceResponse response) {
    return Json.write(
        SMALL,
        json -> {
          json.writeStartObject();
          head(json, response.getModel());
          ChatWriter.serviceTier(json, response);
          json.writeArrayFieldStart("choices");
          json.writeEndArray();
          if (response.getUsage() != null) {
            ChatWriter.usage(json, response.getUsage());
          }
          Account.write(json, response);
          json.writeEndObject();
        });
  }

  private byte[] chunk(@Nullable String model, int choice, Json.Writing delta) {
    return Json.write(
        SMALL,
        json -> {
          json.writeStartObject();
          head(json, model);
          json.writeArrayFieldStart("choices");
          json.writeStartObject();
          json.writeNumberField("index", choice);
          json.writeObjectFieldStart("delta");
          delta.to(json);
          json.writeEndObject();
          json.writeNullField("logprobs");
          json.writeNullField("finish_reason");
          json.writeEndObject();
          json.writeEndArray();
          noUsage(json);
          json.writeEndObject();
        });
  }

  private void head(JsonGenerator json, @Nullable String model) throws IOException {
    ChatWriter.head(json, "chat.completion.chunk", id, createdAt);
    json.writeStringField("model", model);
  }

  /** Whoever asks for usage is told in every other chunk that it is not there. */
  private void noUsage(JsonGenerator json) throws IOException {
    if (withUsage) {
      json.writeNullField("usage");
    }
  }

  @Override
  public byte[] failed(Failure failure, String id) {
    return new Events().add(null, OpenAiErrors.body(failure)).toBytes();
  }

  @Override
  public byte[] nothing() {
    return Events.NOTHING;
  }
}
