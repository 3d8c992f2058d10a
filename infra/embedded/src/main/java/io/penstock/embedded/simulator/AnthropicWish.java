package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what a message asks of the answer. */
final class AnthropicWish {
  private static final int MOST_STOPS = 8_191;
  private static final int SMALLEST_BUDGET = 1_024;

  /** A model that may think as it likes, or much, thinks this much at most. */
  private static final int MOST_THOUGHT = 256;

  private AnthropicWish() {}

  static Wish.Talk of(CallBody body) throws WrongRequestException {
    int limit =
        body.limit("max_tokens")
            .orElseThrow(
                () -> WrongRequestException.at("max_tokens", "max_tokens: Field required"));
    Tool.Offer offer = offer(body);
    return new Wish.Talk(
        limit,
        1,
        body.texts("stop_sequences", MOST_STOPS),
        thinking(body.get("thinking"), limit),
        offer.called(),
        offer.choice() instanceof Tool.Choice.Free,
        schema(body));
  }

  private static int thinking(JsonNode thinking, int limit) throws WrongRequestException {
    return switch (thinking.path("type").asText("disabled")) {
      case "disabled" -> 0;
      case "adaptive" -> MOST_THOUGHT;
      case "enabled" -> {
        JsonNode budget = thinking.path("budget_tokens");
        if (!budget.isIntegralNumber() || budget.asInt() < SMALLEST_BUDGET) {
          throw WrongRequestException.at(
              "thinking.budget_tokens",
              "thinking.budget_tokens is " + budget + ": give at least " + SMALLEST_BUDGET);
        }
        if (budget.asInt() >= limit) {
          throw WrongRequestException.at(
              "max_tokens", "`max_tokens` must be greater than `thinking.budget_tokens`");
        }
        yield MOST_THOUGHT;
      }
      default ->
          throw WrongRequestException.at(
              "thinking.type",
              "thinking.type is " + thinking.path("type") + ": give enabled, adaptive or disabled");
    };
  }

  private static Tool.Offer offer(CallBody body) throws WrongRequestException {
    List<Tool> tools = tools(body.get("tools"));
    JsonNode choice = body.get("tool_choice");
    boolean single =
        CallBody.flag(
            choice.path("disable_parallel_tool_use"), "tool_choice.disable_parallel_tool_use");
    return new Tool.Offer(tools, choice(choice, tools), !single, question(body.get("messages")));
  }

  /** The tools of the caller; those that Anthropic runs itself are never called. */
  private static List<Tool> tools(JsonNode given) throws WrongRequestException {
    List<Tool> tools = new ArrayList<>();
    int index = 0;
    for (JsonNode tool : given) {
      String field = "tools." + index++ + ".name";
      if (!tool.path("name").isTextual() || tool.path("name").textValue().isEmpty()) {
        throw WrongRequestException.at(field, field + ": Field required");
      }
      if (tool.path("type").asText("custom").equals("custom")) {
        tools.add(
            new Tool(
                tool.path("name").textValue(), OpenAiWish.schemaOf(tool.path("input_schema"))));
      }
    }
    return tools;
  }

  private static Tool.Choice choice(JsonNode given, List<Tool> tools) throws WrongRequestException {
    String type = given.path("type").asText("auto");
    return switch (type) {
      case "auto" -> new Tool.Choice.Free();
      case "none" -> new Tool.Choice.None();
      case "any", "tool" -> {
        String name = given.path("name").asText();
        boolean unknown = tools.stream().noneMatch(tool -> tool.name().equals(name));
        if (tools.isEmpty() || (type.equals("tool") && unknown)) {
          throw WrongRequestException.at(
              "tool_choice", "tool_choice: Tool '" + name + "' not found in provided tools");
        }
        yield type.equals("any") ? new Tool.Choice.Forced() : new Tool.Choice.Named(name);
      }
      default ->
          throw WrongRequestException.at(
              "tool_choice.type",
              "tool_choice.type is " + given.path("type") + ": give auto, any, tool or none");
    };
  }

  /** The last thing the user said, unless it is the result of a tool. */
  private static String question(JsonNode messages) {
    JsonNode last = messages.path(messages.size() - 1);
    if (!last.path("role").asText().equals("user")) {
      return "";
    }
    if (last.path("content").isTextual()) {
      return last.path("content").textValue();
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode block : last.path("content")) {
      if (block.path("type").asText().equals("tool_result")) {
        return "";
      }
      text.append(block.path("text").asText()).append('\n');
    }
    return text.toString();
  }

  private static @Nullable JsonNode schema(CallBody body) throws WrongRequestException {
    JsonNode format = format(body);
    if (format.isMissingNode() || format.isNull()) {
      return null;
    }
    if (!format.path("type").asText().equals("json_schema") || !format.path("schema").isObject()) {
      throw WrongRequestException.at(
          "output_config.format",
          "output_config.format is " + format + ": give the type json_schema and a schema");
    }
    return format.path("schema");
  }

  /** Where the format stands; the other place is its former one. */
  static JsonNode format(CallBody body) {
    JsonNode format = body.get("output_config").path("format");
    return format.isMissingNode() ? body.get("output_format") : format;
  }
}
