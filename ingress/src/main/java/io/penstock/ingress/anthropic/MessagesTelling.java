package io.penstock.ingress.anthropic;

import com.fasterxml.jackson.core.JsonGenerator;
import io.penstock.ingress.face.Account;
import io.penstock.ingress.face.Events;
import io.penstock.ingress.face.Telling;
import io.penstock.ingress.json.Json;
import io.penstock.policies.stream.Piece;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.Delta;
import io.penstock.schemas.avro.DeltaKind;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.RawPart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A message in events (docs/measurements.md, Providers §2.2). Parts become blocks, numbered as they
 * begin; the one that is open ends when another begins. What a call takes is told at the end. One
 * thread.
 */
final class MessagesTelling implements Telling {
  private static final int SMALL = 384;
  private static final byte[] PING =
      new Events()
          .add("ping", "{\"type\": \"ping\"}".getBytes(StandardCharsets.US_ASCII))
          .toBytes();

  private static final int NONE = -1;

  private final String id;
  private final Map<Integer, Integer> blockByPart = new HashMap<>();
  private final TreeMap<Integer, StringBuilder> redacted = new TreeMap<>();
  private boolean begun;
  private int open = NONE;
  private int blocks;

  MessagesTelling(String id) {
    this.id = id;
  }

  @Override
  public byte[] more(String model, List<Piece> pieces) {
    var events = new Events();
    begin(events, model);
    for (Piece piece : pieces) {
      // There is one answer only in this API, and nobody can ask for more.
      if (piece.choice() == 0) {
        switch (piece) {
          case Piece.More(Delta delta) -> tell(events, delta);
          case Piece.Whole(_, _, RawPart raw) -> {
            close(events);
            start(events, blocks++, json -> MessagesWriter.raw(json, raw));
            stop(events, blocks - 1);
          }
        }
      }
    }
    return events.toBytes();
  }

  private void begin(Events events, @Nullable String model) {
    if (begun) {
      return;
    }
    begun = true;
    add(
        events,
        "message_start",
        json -> {
          json.writeObjectFieldStart("message");
          MessagesWriter.head(json, id, model);
          json.writeArrayFieldStart("content");
          json.writeEndArray();
          json.writeNullField("stop_reason");
          json.writeNullField("stop_sequence");
          json.writeObjectFieldStart("usage");
          MessagesWriter.counts(json, MessagesWriter.NOT_KNOWN); // not before the end
          json.writeEndObject();
          json.writeEndObject();
        });
  }

  private void tell(Events events, Delta delta) {
    if (delta.getKind() == DeltaKind.REDACTED) {
      // Its block has no pieces, so that it begins when it is complete.
      redacted.computeIfAbsent(delta.getPart(), _ -> new StringBuilder()).append(delta.getText());
      return;
    }
    int block = blockOf(events, delta);
    switch (delta.getKind()) {
      case TEXT, REFUSAL -> piece(events, block, "text_delta", "text", delta.getText());
      case REASONING -> piece(events, block, "thinking_delta", "thinking", delta.getText());
      case SIGNATURE -> piece(events, block, "signature_delta", "signature", delta.getText());
      case TOOL_CALL -> piece(events, block, "input_json_delta", "partial_json", delta.getText());
      case REDACTED -> {}
    }
  }

  private int blockOf(Events events, Delta delta) {
    Integer known = blockByPart.get(delta.getPart());
    if (known != null) {
      return known;
    }
    close(events);
    int block = blocks++;
    blockByPart.put(delta.getPart(), block);
    open = block;
    start(events, block, json -> start(json, delta));
    return block;
  }

  private static void start(JsonGenerator json, Delta delta) throws IOException {
    switch (delta.getKind()) {
      case TEXT, REFUSAL -> {
        json.writeStringField("type", "text");
        json.writeStringField("text", "");
      }
      case REASONING, SIGNATURE -> {
        json.writeStringField("type", "thinking");
        json.writeStringField("thinking", "");
        json.writeStringField("signature", "");
      }
      case TOOL_CALL -> {
        json.writeStringField("type", "tool_use");
        json.writeStringField("id", delta.getId());
        json.writeStringField("name", delta.getName());
        json.writeObjectFieldStart("input");
        json.writeEndObject();
      }
      case REDACTED -> {
        json.writeStringField("type", "redacted_thinking");
        json.writeStringField("data", delta.getText());
      }
    }
  }

  private void close(Events events) {
    if (open != NONE) {
      stop(events, open);
      open = NONE;
    }
    while (!redacted.isEmpty()) {
      var thought = redacted.pollFirstEntry();
      String data = thought.getValue().toString();
      int block = blocks++;
      start(
          events,
          block,
          json -> start(json, new Delta(DeltaKind.REDACTED, 0, 0, data, null, null)));
      stop(events, block);
    }
  }

  private static void start(Events events, int block, Json.Writing content) {
    add(
        events,
        "content_block_start",
        json -> {
          json.writeNumberField("index", block);
          json.writeObjectFieldStart("content_block");
          content.to(json);
          json.writeEndObject();
        });
  }

  private static void piece(Events events, int block, String type, String field, String text) {
    if (text.isEmpty()) {
      return;
    }
    add(
        events,
        "content_block_delta",
        json -> {
          json.writeNumberField("index", block);
          json.writeObjectFieldStart("delta");
          json.writeStringField("type", type);
          json.writeStringField(field, text);
          json.writeEndObject();
        });
  }

  private static void stop(Events events, int block) {
    add(events, "content_block_stop", json -> json.writeNumberField("index", block));
  }

  @Override
  public byte[] end(InferenceResponse response) {
    var events = new Events();
    begin(events, response.getModel());
    close(events);
    Answer answer = response.getAnswer();
    add(
        events,
        "message_delta",
        json -> {
          json.writeObjectFieldStart("delta");
          if (answer != null) {
            MessagesWriter.stop(json, answer);
          }
          json.writeEndObject();
          MessagesWriter.usage(json, response);
          Account.write(json, response);
        });
    add(events, "message_stop", json -> {});
    return events.toBytes();
  }

  @Override
  public byte[] failed(Failure failure, String id) {
    return new Events().add("error", AnthropicErrors.body(failure, id)).toBytes();
  }

  @Override
  public byte[] nothing() {
    return PING;
  }

  private static void add(Events events, String type, Json.Writing fields) {
    events.add(
        type,
        Json.write(
            SMALL,
            json -> {
              json.writeStartObject();
              json.writeStringField("type", type);
              fields.to(json);
              json.writeEndObject();
            }));
  }
}
