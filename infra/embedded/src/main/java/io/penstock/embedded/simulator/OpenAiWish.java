package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what a chat completion asks of the answer. */
final class OpenAiWish {
  private static final int MOST_CHOICES = 128;
  private static final int MOST_STOPS = 4;

  private static final Set<String> FORMATS = Set.of("text", "json_object", "json_schema");

  /** A model that is asked for just any JSON gives this. */
  private static final JsonNode ANY_OBJECT =
      Json.read(
              """
              {"type": "object",
               "properties": {"answer": {"type": "string"}, "count": {"type": "integer"}}}
              """
                  .getBytes(StandardCharsets.UTF_8))
          .orElseThrow();

  private OpenAiWish() {}

  static Wish.Talk of(CallBody body) throws WrongRequestException {
    return new Wish.Talk(
        limit(body),
        choices(body),
        body.texts("stop", MOST_STOPS),
        reasoning(body.get("reasoning_effort")),
        offer(body).called(),
        false,
        schema(body.get("response_format")));
  }

  private static int limit(CallBody body) throws WrongRequestException {
    OptionalInt former = body.limit("max_tokens");
    return body.limit("max_completion_tokens").orElse(former.orElse(Integer.MAX_VALUE));
  }

  private static int choices(CallBody body) throws WrongRequestException {
    int choices = body.limit("n").orElse(1);
    if (choices > MOST_CHOICES) {
      throw WrongRequestException.at("n", "n is " + choices + ": give at most " + MOST_CHOICES);
    }
    return choices;
  }

  private static int reasoning(JsonNode effort) throws WrongRequestException {
    return switch (effort.asText("none")) {
      case "none" -> 0;
      case "minimal" -> 16;
      case "low" -> 64;
      case "medium" -> 256;
      case "high" -> 1_024;
      case "xhigh" -> 2_048;
      default ->
          throw WrongRequestException.at(
              "reasoning_effort",
              "reasoning_effort is " + effort + ": give none, minimal, low, medium, high or xhigh");
    };
  }

  private static Tool.Offer offer(CallBody body) throws WrongRequestException {
    List<Tool> tools = tools(body.get("tools"));
    JsonNode parallel = body.get("parallel_tool_calls");
    return new Tool.Offer(
        tools,
        choice(body.get("tool_choice"), tools),
        parallel.isMissingNode()
            || parallel.isNull()
            || CallBody.flag(parallel, "parallel_tool_calls"),
        question(body.get("messages")));
  }

  private static List<Tool> tools(JsonNode given) throws WrongRequestException {
    List<Tool> tools = new ArrayList<>();
    int index = 0;
    for (JsonNode tool : given) {
      String field = "tools[" + index++ + "]";
      if (!tool.path("type").isTextual()) {
        throw WrongRequestException.at(field + ".type", field + ".type is required");
      }
      if (!tool.path("type").textValue().equals("function")) {
        continue;
      }
      JsonNode name = tool.at("/function/name");
      if (!name.isTextual() || name.textValue().isEmpty()) {
        throw WrongRequestException.at(
            field + ".function.name", field + ".function.name is required");
      }
      tools.add(new Tool(name.textValue(), schemaOf(tool.at("/function/parameters"))));
    }
    return tools;
  }

  /** A tool without parameters takes an empty object. */
  static JsonNode schemaOf(JsonNode parameters) {
    return parameters.isObject() && !parameters.isEmpty()
        ? parameters
        : Json.MAPPER.createObjectNode().put("type", "object");
  }

  private static Tool.Choice choice(JsonNode given, List<Tool> tools) throws WrongRequestException {
    String mode =
        given.isObject() ? given.at("/allowed_tools/mode").asText("unknown") : given.asText("auto");
    if (given.path("type").asText().equals("function")) {
      String name = given.at("/function/name").asText();
      if (tools.stream().noneMatch(tool -> tool.name().equals(name))) {
        throw WrongRequestException.at(
            "tool_choice", "tool_choice names `" + name + "`, which is not among the tools");
      }
      return new Tool.Choice.Named(name);
    }
    return switch (mode) {
      case "auto" -> new Tool.Choice.Free();
      case "none" -> new Tool.Choice.None();
      case "required" -> {
        if (tools.isEmpty()) {
          throw WrongRequestException.at("tool_choice", "tool_choice needs tools: add some");
        }
        yield new Tool.Choice.Forced();
      }
      default ->
          throw WrongRequestException.at(
              "tool_choice", "tool_choice is " + given + ": give none, auto, required or a tool");
    };
  }

  /** The last thing the user said, unless a tool has answered since. */
  private static String question(JsonNode messages) {
    JsonNode last = messages.path(messages.size() - 1);
    if (!last.path("role").asText().equals("user")) {
      return "";
    }
    if (last.path("content").isTextual()) {
      return last.path("content").textValue();
    }
    StringBuilder text = new StringBuilder();
    last.path("content").forEach(part -> text.append(part.path("text").asText()).append('\n'));
    return text.toString();
  }

  private static @Nullable JsonNode schema(JsonNode format) throws WrongRequestException {
    if (format.isMissingNode() || format.isNull()) {
      return null;
    }
    String type = format.path("type").asText();
    if (!FORMATS.contains(type)) {
      throw WrongRequestException.at(
          "response_format.type",
          "response_format.type is " + format.path("type") + ": give one of " + FORMATS);
    }
    return switch (type) {
      case "text" -> null;
      case "json_object" -> ANY_OBJECT;
      default -> jsonSchema(format.path("json_schema"));
    };
  }

  private static JsonNode jsonSchema(JsonNode given) throws WrongRequestException {
    if (!given.path("name").isTextual()) {
      throw WrongRequestException.at(
          "response_format.json_schema.name", "response_format.json_schema.name is required");
    }
    if (!given.path("schema").isObject()) {
      throw WrongRequestException.at(
          "response_format.json_schema.schema", "response_format.json_schema.schema is required");
    }
    return given.path("schema");
  }
}
