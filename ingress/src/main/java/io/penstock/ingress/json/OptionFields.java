package io.penstock.ingress.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.ResponseFormat;
import io.penstock.schemas.avro.Tool;
import io.penstock.schemas.avro.ToolChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What may be asked beyond the plain question, in OpenAI's words, which are also our own. */
public final class OptionFields {
  /** All that are taken here. */
  static final Set<String> NAMES =
      Set.of(
          "tools",
          "tool_choice",
          "parallel_tool_calls",
          "response_format",
          "top_p",
          "top_k",
          "seed",
          "stop",
          "reasoning_effort",
          "n");

  private static final Options NONE =
      new Options(List.of(), null, null, null, null, null, null, List.of(), null, 1, null);

  private static final Set<String> MODES = Set.of("auto", "none", "required");
  private static final Set<String> FORMATS = Set.of("text", "json_object");
  private static final String TOOL_CHOICE = "tool_choice";
  private static final String FORMAT = "response_format";

  private OptionFields() {}

  /**
   * Takes the fields of options.
   *
   * @return null when nothing is said
   */
  public static @Nullable Options read(Fields request) {
    return orNull(
        new Options(
            tools(request),
            choice(request),
            request.truth("parallel_tool_calls"),
            format(request),
            request.real("top_p"),
            request.count("top_k"),
            request.number("seed"),
            request.texts("stop"),
            request.text("reasoning_effort"),
            choices(request),
            null));
  }

  /** With fields that we do not know. */
  public static @Nullable Options with(@Nullable Options options, @Nullable String extra) {
    if (extra == null) {
      return options;
    }
    Options o = options == null ? NONE : options;
    return new Options(
        o.getTools(),
        o.getToolChoice(),
        o.getParallelToolCalls(),
        o.getResponseFormat(),
        o.getTopP(),
        o.getTopK(),
        o.getSeed(),
        o.getStop(),
        o.getReasoningEffort(),
        o.getChoices(),
        extra);
  }

  public static @Nullable Options orNull(Options options) {
    return options.equals(NONE) ? null : options;
  }

  private static int choices(Fields request) {
    Integer n = request.count("n");
    return n == null ? 1 : n;
  }

  private static List<Tool> tools(Fields request) {
    var tools = new ArrayList<Tool>();
    for (Fields tool : request.objects("tools")) {
      tools.add(tool(tool));
    }
    return tools;
  }

  private static Tool tool(Fields tool) {
    String cacheFor = Turns.cacheFor(tool);
    if ("function".equals(tool.text("type"))) {
      Fields function = tool.object("function");
      String name = function == null ? null : function.text("name");
      if (function != null && name != null) {
        JsonNode parameters = function.any("parameters");
        var read =
            new Tool(
                name,
                function.text("description"),
                parameters == null ? null : Tree.write(parameters),
                function.truth("strict"),
                cacheFor,
                null);
        if (function.allTaken() && tool.allTaken()) {
          return read;
        }
      } else {
        tool.missing("function.name");
      }
    }
    return new Tool("", null, null, null, cacheFor, tool.unmarked());
  }

  /** A choice in other words stays among the fields that we do not know. */
  private static @Nullable ToolChoice choice(Fields request) {
    JsonNode choice = request.peek(TOOL_CHOICE);
    if (choice == null) {
      return null;
    }
    if (choice.isTextual() && MODES.contains(choice.textValue())) {
      request.any(TOOL_CHOICE);
      return new ToolChoice(choice.textValue(), null);
    }
    JsonNode name = choice.path("function").path("name");
    if (choice.path("type").asText().equals("function") && name.isTextual()) {
      request.any(TOOL_CHOICE);
      return new ToolChoice("tool", name.textValue());
    }
    return null;
  }

  private static @Nullable ResponseFormat format(Fields request) {
    JsonNode format = request.peek(FORMAT);
    String type = format == null ? "" : format.path("type").asText();
    if (FORMATS.contains(type)) {
      request.any(FORMAT);
      return new ResponseFormat(type, null, null, null, null);
    }
    if (!type.equals("json_schema")) {
      return null;
    }
    Fields taken = request.object(FORMAT);
    Fields schema = taken == null ? null : taken.object("json_schema");
    if (schema == null) {
      request.missing(FORMAT + ".json_schema");
      return null;
    }
    JsonNode tree = schema.any("schema");
    return new ResponseFormat(
        type,
        schema.text("name"),
        tree == null ? null : Tree.write(tree),
        schema.truth("strict"),
        schema.text("description"));
  }
}
