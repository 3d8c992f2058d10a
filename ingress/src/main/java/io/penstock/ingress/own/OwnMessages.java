package io.penstock.ingress.own;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingress.json.Faults;
import io.penstock.ingress.json.Fields;
import io.penstock.ingress.json.InferenceBody;
import io.penstock.ingress.json.InferenceReader;
import io.penstock.ingress.json.Json;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.json.ResponseWriter;
import io.penstock.ingress.json.Room;
import io.penstock.ingress.json.Tree;
import io.penstock.policies.Reason;
import io.penstock.policies.stream.Piece;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The messages of a WebSocket: what a caller may say, and what it is told. */
public final class OwnMessages {
  private static final int SMALL = 192;
  private static final int LONGEST_REF = 128;

  private OwnMessages() {}

  /** What a caller says. */
  public sealed interface Said {
    /**
     * A request.
     *
     * @param ref the caller's name for it, while it is under way
     */
    record Ask(String ref, InferenceBody body) implements Said {}

    /** It no longer wants the answer. */
    record Cancel(String ref) implements Said {}

    /**
     * Something that cannot be understood.
     *
     * @param ref null where not even that could be read
     */
    record Wrong(@Nullable String ref, Failure failure) implements Said {}
  }

  public static Said read(String message, Room room) {
    return switch (Tree.object(message.getBytes(StandardCharsets.UTF_8), room)) {
      case Reading.Refused<ObjectNode>(Failure failure) -> new Said.Wrong(null, failure);
      case Reading.Read<ObjectNode>(ObjectNode tree) -> read(tree, room);
    };
  }

  private static Said read(ObjectNode tree, Room room) {
    var faults = new Faults("");
    var fields = new Fields(tree, "", faults);
    String type = fields.text("type");
    String ref = fields.text("ref");
    JsonNode request = fields.any("request");
    fields.refuseRest();
    if (ref == null || ref.isEmpty() || ref.length() > LONGEST_REF) {
      fields.fault(
          Reason.INVALID_VALUE, "ref is a text of 1 to " + LONGEST_REF + " characters", "ref");
      ref = null;
    }
    Failure failure = faults.first();
    if (failure != null || ref == null) {
      return new Said.Wrong(
          ref, failure == null ? Reason.MISSING_FIELD.because("ref is missing", "ref") : failure);
    }
    return switch (type) {
      case "ask" -> ask(ref, request, room);
      case "cancel" -> new Said.Cancel(ref);
      case null, default ->
          new Said.Wrong(ref, Reason.INVALID_VALUE.because("type is ask or cancel", "type"));
    };
  }

  private static Said ask(String ref, @Nullable JsonNode request, Room room) {
    if (request == null) {
      return new Said.Wrong(ref, Reason.MISSING_FIELD.because("request is missing", "request"));
    }
    byte[] document = Tree.write(request).getBytes(StandardCharsets.UTF_8);
    return switch (InferenceReader.read(document, room)) {
      case Reading.Refused<InferenceBody>(Failure failure) -> new Said.Wrong(ref, failure);
      case Reading.Read<InferenceBody>(InferenceBody body) -> new Said.Ask(ref, body.streamed());
    };
  }

  /** The request is on its way under this id. */
  public static String accepted(String ref, String id) {
    return message("accepted", ref, "id", ('"' + id + '"').getBytes(StandardCharsets.UTF_8));
  }

  public static String delta(String ref, Piece piece) {
    return message("delta", ref, "delta", OwnTelling.json(piece));
  }

  public static String done(String ref, InferenceResponse response) {
    return message("done", ref, "response", ResponseWriter.answered(response));
  }

  /**
   * @param id of the request that failed, when it was accepted
   */
  public static String error(@Nullable String ref, Failure failure, @Nullable String id) {
    return message("error", ref, "error", ResponseWriter.error(failure, id));
  }

  private static String message(String type, @Nullable String ref, String field, byte[] value) {
    byte[] json =
        Json.write(
            SMALL + value.length,
            out -> {
              out.writeStartObject();
              out.writeStringField("type", type);
              out.writeStringField("ref", ref);
              out.writeFieldName(field);
              out.writeRawValue(new String(value, StandardCharsets.UTF_8));
              out.writeEndObject();
            });
    return new String(json, StandardCharsets.UTF_8);
  }
}
