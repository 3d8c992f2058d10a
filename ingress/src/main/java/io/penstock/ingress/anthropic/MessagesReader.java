package io.penstock.ingress.anthropic;

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
import io.penstock.ingress.json.Wishes;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Message;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.ResponseFormat;
import io.penstock.schemas.avro.ToolChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request to Anthropic's messages (docs/measurements.md, Providers §2.1). Fields that we do
 * not know go on as they are to providers that speak the same API.
 */
final class MessagesReader {
  private static final String MESSAGES = "messages";
  private static final String METADATA = "metadata";
  private static final String OUTPUT = "output_config";

  /** They change nothing about an answer. */
  private static final List<String> ASIDES = List.of(METADATA, "cache_control");

  private final Faults faults = new Faults("");
  private final Fields request;

  private MessagesReader(ObjectNode tree) {
    this.request = new Fields(tree, "", faults);
  }

  static Reading<InferenceBody> read(byte[] body, Room room) {
    return switch (Tree.object(body, room)) {
      case Reading.Refused<ObjectNode>(Failure failure) -> new Reading.Refused<>(failure);
      case Reading.Read<ObjectNode>(ObjectNode tree) -> new MessagesReader(tree).read();
    };
  }

  private Reading<InferenceBody> read() {
    if (!request.has(MESSAGES)) {
      request.missing(MESSAGES);
    }
    String model = request.text("model");
    var messages = new ArrayList<Message>();
    if (request.has("system")) {
      messages.add(Blocks.turn(request, "system", "system"));
    }
    for (Fields turn : request.objects(MESSAGES)) {
      messages.add(turn(turn));
    }
    var wishes = new Wishes(null, null, null, null, tags());
    Integer limit = request.count("max_tokens");
    Double temperature = request.real("temperature");
    String serviceTier = request.text("service_tier");
    Streaming streaming = request.isTrue("stream") ? Streaming.YES : Streaming.NO;
    String asides = request.together(ASIDES);
    Options options = options(); // last, for it takes all that is left over
    var question =
        new Question(
            Dialect.ANTHROPIC,
            Endpoint.CHAT,
            model == null ? ModelDirectory.AUTO : model,
            messages,
            null,
            limit,
            temperature,
            options,
            asides,
            serviceTier);
    return faults.or(new InferenceBody(question, MESSAGES, wishes, streaming));
  }

  private static Message turn(Fields turn) {
    String role = turn.text("role");
    if (role == null) {
      turn.missing("role");
    }
    if (!turn.has("content")) {
      turn.missing("content");
    }
    Message read = Blocks.turn(turn, "content", role == null ? "" : role);
    turn.refuseRest();
    return read;
  }

  private @Nullable Options options() {
    Fields choice = request.object("tool_choice");
    boolean oneByOne = choice != null && choice.isTrue("disable_parallel_tool_use");
    Fields output = request.object(OUTPUT);
    var known =
        new Options(
            Blocks.tools(request),
            choice == null ? null : choice(choice),
            oneByOne ? Boolean.FALSE : null,
            output == null ? null : format(output),
            request.real("top_p"),
            request.count("top_k"),
            null,
            request.texts("stop_sequences"),
            output == null ? null : output.text("effort"),
            1,
            null);
    return OptionFields.with(OptionFields.orNull(known), extra(output));
  }

  private @Nullable String extra(@Nullable Fields output) {
    String rest = request.rest();
    String more = output == null ? null : output.rest();
    if (more == null) {
      return rest;
    }
    ObjectNode both =
        rest != null && Tree.parse(rest) instanceof ObjectNode read ? read : Tree.newObject();
    both.set(OUTPUT, Tree.parse(more));
    return Tree.write(both);
  }

  private static @Nullable ToolChoice choice(Fields choice) {
    String type = choice.text("type");
    String name = choice.text("name");
    return switch (type) {
      case "auto", "none" -> new ToolChoice(type, null);
      case "any" -> new ToolChoice("required", null);
      case "tool" -> new ToolChoice(type, name);
      case null -> {
        choice.missing("type");
        yield null;
      }
      default -> new ToolChoice(type, name); // judged with the rest
    };
  }

  private static @Nullable ResponseFormat format(Fields output) {
    if (!(output.peek("format") instanceof ObjectNode format)
        || !format.path("type").asText().equals("json_schema")
        || !format.has("schema")) {
      return null; // stays among the fields that we do not know
    }
    output.any("format");
    return new ResponseFormat("json_schema", null, Tree.write(format.get("schema")), null, null);
  }

  private Map<String, String> tags() {
    if (!(request.peek(METADATA) instanceof ObjectNode metadata)) {
      return Map.of();
    }
    JsonNode id = metadata.path("user_id");
    return id.isTextual() ? Map.of("user_id", id.textValue()) : Map.of();
  }
}
