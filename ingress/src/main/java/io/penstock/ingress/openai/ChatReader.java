package io.penstock.ingress.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.ingress.json.Faults;
import io.penstock.ingress.json.Fields;
import io.penstock.ingress.json.InferenceBody;
import io.penstock.ingress.json.InferenceBody.Streaming;
import io.penstock.ingress.json.OptionFields;
import io.penstock.ingress.json.Question;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.json.Room;
import io.penstock.ingress.json.Tree;
import io.penstock.ingress.json.Turns;
import io.penstock.ingress.json.Wishes;
import io.penstock.policies.Reason;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Message;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a chat completion request (docs/measurements.md, Providers §1.1). Fields that we do not
 * know go on as they are to providers that speak the same API.
 */
final class ChatReader {
  private static final String METADATA = "metadata";
  private static final String MESSAGES = "messages";

  /** They change nothing about an answer. */
  private static final List<String> ASIDES =
      List.of(
          "user",
          "safety_identifier",
          METADATA,
          "store",
          "prompt_cache_key",
          "prompt_cache_options",
          "prompt_cache_retention");

  private ChatReader() {}

  static Reading<InferenceBody> read(byte[] body, Room room) {
    return switch (Tree.object(body, room)) {
      case Reading.Refused<ObjectNode>(Failure failure) -> new Reading.Refused<>(failure);
      case Reading.Read<ObjectNode>(ObjectNode tree) -> read(tree);
    };
  }

  private static Reading<InferenceBody> read(ObjectNode tree) {
    var faults = new Faults("");
    var request = new Fields(tree, "", faults);
    if (!request.has(MESSAGES)) {
      request.missing(MESSAGES);
    }
    String model = request.text("model");
    List<Message> messages = new Turns(Turns.Unknown.KEPT).read(request);
    Integer limit = limit(request);
    Double temperature = request.real("temperature");
    var options = OptionFields.read(request);
    Map<String, String> tags = tags(request);
    Streaming streaming = streaming(request);
    String asides = request.together(ASIDES);
    String serviceTier = request.text("service_tier");
    for (String past : List.of("functions", "function_call")) {
      if (request.has(past)) {
        request.fault(Reason.INVALID_VALUE, past + " is of the past: send tools", past);
      }
    }
    var question =
        new Question(
            Dialect.OPENAI,
            Endpoint.CHAT,
            model == null ? ModelDirectory.AUTO : model,
            messages,
            null,
            limit,
            temperature,
            OptionFields.with(options, request.rest()),
            asides,
            serviceTier);
    var wishes = new Wishes(null, null, null, null, tags);
    return faults.or(new InferenceBody(question, MESSAGES, wishes, streaming));
  }

  private static @Nullable Integer limit(Fields request) {
    Integer old = request.count("max_tokens");
    Integer limit = request.count("max_completion_tokens");
    return limit == null ? old : limit;
  }

  static Streaming streaming(Fields request) {
    boolean wanted = request.isTrue("stream");
    Fields options = request.object("stream_options");
    boolean usage = options != null && options.isTrue("include_usage");
    return wanted ? usage ? Streaming.WITH_USAGE : Streaming.YES : Streaming.NO;
  }

  /** They are the caller's own tags, and so the ledger's as well. */
  private static Map<String, String> tags(Fields request) {
    var tags = new HashMap<String, String>();
    if (request.peek(METADATA) instanceof ObjectNode metadata) {
      for (Map.Entry<String, JsonNode> tag : metadata.properties()) {
        if (tag.getValue().isTextual()) {
          tags.put(tag.getKey(), tag.getValue().textValue());
        }
      }
    }
    return tags;
  }
}
