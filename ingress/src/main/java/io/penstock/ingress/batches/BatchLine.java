package io.penstock.ingress.batches;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingress.json.Bodies;
import io.penstock.ingress.json.Faults;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.json.Room;
import io.penstock.ingress.json.Tree;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.BatchFault;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A line of a batch's file (docs/measurements.md, Providers §1.7). */
sealed interface BatchLine {
  int LONGEST_ID = 512;

  /**
   * A request.
   *
   * @param body as it would be posted to the endpoint
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Asked(String customId, byte[] body) implements BatchLine {}

  /** No request; the whole batch is not begun. */
  record Faulty(BatchFault fault) implements BatchLine {}

  /** It could not be looked at for want of memory: worth trying again. */
  record NoRoom() implements BatchLine {}

  /**
   * Reads a line.
   *
   * @param number of the line, from 1
   * @param endpoint the only one it may be for
   */
  static BatchLine read(byte[] line, int number, String endpoint, Room room) {
    if (line.length > Bodies.LARGEST_INFERENCE_BYTES) {
      return faulty(
          "line_too_large",
          "the line has more than "
              + Bodies.LARGEST_INFERENCE_BYTES
              + " bytes: shorten the request",
          null,
          number);
    }
    return switch (Tree.object(line, room)) {
      case Reading.Refused<ObjectNode>(var failure)
          when failure.getCode().equals(Reason.OVERLOADED.code()) ->
          new NoRoom();
      case Reading.Refused<ObjectNode>(var failure) ->
          faulty(
              "invalid_json_line",
              "the line is not a JSON object: " + failure.getMessage(),
              null,
              number);
      case Reading.Read<ObjectNode>(ObjectNode tree) -> read(tree, number, endpoint);
    };
  }

  private static BatchLine read(ObjectNode tree, int number, String endpoint) {
    for (String field : new String[] {"custom_id", "method", "url", "body"}) {
      JsonNode value = tree.get(field);
      if (value == null || value.isNull()) {
        return faulty("missing_required_parameter", field + " is missing", field, number);
      }
      boolean body = field.equals("body");
      if (body ? !value.isObject() : !value.isTextual()) {
        return faulty(
            "invalid_type", field + " must be " + (body ? "an object" : "a string"), field, number);
      }
    }
    String customId = tree.get("custom_id").textValue();
    String method = tree.get("method").textValue();
    String url = tree.get("url").textValue();
    if (customId.isEmpty() || customId.length() > LONGEST_ID) {
      return faulty(
          "invalid_custom_id",
          "custom_id must have 1 to " + LONGEST_ID + " characters; it has " + customId.length(),
          "custom_id",
          number);
    }
    if (!method.equals("POST")) {
      return faulty(
          "invalid_method",
          "method must be POST; it is \"" + Faults.excerpt(method) + "\"",
          "method",
          number);
    }
    if (!url.equals(endpoint)) {
      return faulty(
          "invalid_url",
          "url must be the endpoint of the batch, "
              + endpoint
              + "; it is \""
              + Faults.excerpt(url)
              + "\"",
          "url",
          number);
    }
    return new Asked(customId, Tree.write(tree.get("body")).getBytes(StandardCharsets.UTF_8));
  }

  private static Faulty faulty(String code, String message, @Nullable String param, int number) {
    return new Faulty(new BatchFault(code, message, param, number));
  }
}
