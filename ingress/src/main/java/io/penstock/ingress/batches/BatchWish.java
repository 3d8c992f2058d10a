package io.penstock.ingress.batches;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingress.json.Faults;
import io.penstock.ingress.json.Fields;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.json.Room;
import io.penstock.ingress.json.Tree;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/batches}.
 *
 * @param window as it was written
 * @param allowed what that comes to
 * @param outputKept null for as long as any file
 */
public record BatchWish(
    String inputFile,
    String endpoint,
    String window,
    Duration allowed,
    Map<String, String> metadata,
    @Nullable Duration outputKept) {
  private static final int MOST_TAGS = 16;
  private static final int LONGEST_NAME = 64;
  private static final int LONGEST_VALUE = 512;
  private static final Duration LEAST_KEPT = Duration.ofHours(1);
  private static final Duration MOST_KEPT = Duration.ofDays(30);

  /**
   * Reads a body.
   *
   * @param endpoints that a batch may be for
   */
  public static Reading<BatchWish> read(byte[] body, Room room, Collection<String> endpoints) {
    return switch (Tree.object(body, room)) {
      case Reading.Refused<ObjectNode>(Failure failure) -> new Reading.Refused<>(failure);
      case Reading.Read<ObjectNode>(ObjectNode tree) -> read(tree, endpoints);
    };
  }

  private static Reading<BatchWish> read(ObjectNode tree, Collection<String> endpoints) {
    var faults = new Faults("");
    var fields = new Fields(tree, "", faults);
    String inputFile = required(fields, "input_file_id");
    String endpoint = required(fields, "endpoint");
    String window = required(fields, "completion_window");
    if (!endpoint.isEmpty() && !endpoints.contains(endpoint)) {
      fields.fault(
          Reason.INVALID_VALUE,
          "endpoint must be one of "
              + String.join(", ", endpoints)
              + "; it is \""
              + Faults.excerpt(endpoint)
              + "\"",
          "endpoint");
    }
    Optional<Duration> allowed = CompletionWindow.of(window);
    if (!window.isEmpty() && allowed.isEmpty()) {
      fields.fault(
          Reason.INVALID_VALUE,
          "completion_window must be 24h, or less in whole s, m or h, such as 30m; it is \""
              + Faults.excerpt(window)
              + "\"",
          "completion_window");
    }
    Map<String, String> metadata = metadata(fields);
    Duration outputKept = outputKept(fields);
    return faults.or(
        new BatchWish(
            inputFile,
            endpoint,
            window,
            allowed.orElse(CompletionWindow.LONGEST),
            metadata,
            outputKept));
  }

  private static String required(Fields fields, String name) {
    if (!fields.has(name)) {
      fields.missing(name);
    }
    String text = fields.text(name);
    return text == null ? "" : text;
  }

  private static Map<String, String> metadata(Fields fields) {
    var tags = new TreeMap<String, String>();
    JsonNode metadata = fields.any("metadata");
    if (metadata == null) {
      return tags;
    }
    boolean fits = metadata.isObject() && metadata.size() <= MOST_TAGS;
    if (fits) {
      for (Map.Entry<String, JsonNode> tag : metadata.properties()) {
        fits &=
            tag.getKey().length() <= LONGEST_NAME
                && tag.getValue().isTextual()
                && tag.getValue().textValue().length() <= LONGEST_VALUE;
        tags.put(tag.getKey(), tag.getValue().asText());
      }
    }
    if (!fits) {
      fields.fault(
          Reason.INVALID_VALUE,
          "metadata is an object of at most "
              + MOST_TAGS
              + " strings of at most "
              + LONGEST_VALUE
              + " characters, with names of at most "
              + LONGEST_NAME,
          "metadata");
    }
    return tags;
  }

  private static @Nullable Duration outputKept(Fields fields) {
    Fields expiry = fields.object("output_expires_after");
    if (expiry == null) {
      return null;
    }
    Long seconds = expiry.number("seconds");
    if (!"created_at".equals(expiry.text("anchor")) || seconds == null) {
      fields.fault(
          Reason.INVALID_VALUE,
          "output_expires_after has the anchor \"created_at\" and seconds",
          "output_expires_after");
      return null;
    }
    if (seconds < LEAST_KEPT.toSeconds() || seconds > MOST_KEPT.toSeconds()) {
      fields.fault(
          Reason.INVALID_VALUE,
          "output_expires_after.seconds must lie between 3600 and 2592000; it is " + seconds,
          "output_expires_after.seconds");
      return null;
    }
    return Duration.ofSeconds(seconds);
  }
}
