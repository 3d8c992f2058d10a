package io.penstock.policies.admit;

import io.penstock.policies.Reason;
import io.penstock.schemas.avro.CacheControl;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.ResponseFormat;
import io.penstock.schemas.avro.Tool;
import io.penstock.schemas.avro.ToolChoice;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is wrong with what is asked beside the conversation. */
final class Wishes {
  private static final double HOTTEST = 2.0;
  private static final int MOST_CHOICES = 16;
  private static final int MOST_STOPS = 16;
  private static final int LONGEST_STOP = 1024;
  private static final int LONGEST_NAME = 256;
  private static final int MOST_TOOLS = 1024;
  private static final List<String> EFFORTS =
      List.of("none", "minimal", "low", "medium", "high", "xhigh", "max");
  private static final String NAMED = "tool";
  private static final List<String> MODES = List.of("auto", "none", "required", NAMED);
  private static final String SCHEMA = "json_schema";
  private static final List<String> FORMATS = List.of("text", "json_object", SCHEMA);

  private final Words words;

  private Wishes(Words words) {
    this.words = words;
  }

  static Optional<Failure> fault(InferenceRequest request) {
    var wishes = new Wishes(Words.of(request));
    Options options = request.getOptions();
    return wishes
        .samplingFault(request.getTemperature(), request.getMaxTokens())
        .or(() -> options == null ? Optional.empty() : wishes.fault(options))
        .or(() -> objectFault(request.getAsides(), "asides"))
        .or(() -> cacheFault(request.getCache(), request.getUseCache()));
  }

  private Optional<Failure> fault(Options o) {
    return toolsFault(o.getTools())
        .or(() -> choiceFault(o.getToolChoice(), o.getTools()))
        .or(() -> formatFault(o.getResponseFormat()))
        .or(() -> samplingFault(o))
        .or(() -> stopFault(o.getStop()))
        .or(() -> effortFault(o.getReasoningEffort()))
        .or(() -> objectFault(o.getExtra(), "extra"));
  }

  private Optional<Failure> samplingFault(
      @Nullable Double temperature, @Nullable Integer maxTokens) {
    if (temperature != null && !(temperature >= 0 && temperature <= HOTTEST)) {
      return invalid("temperature must lie between 0 and 2; it is " + temperature, "temperature");
    }
    return maxTokens != null && maxTokens < 1
        ? invalid("max_tokens must be at least 1; it is " + maxTokens, "max_tokens")
        : Optional.empty();
  }

  private Optional<Failure> samplingFault(Options o) {
    Double topP = o.getTopP();
    if (topP != null && !(topP >= 0 && topP <= 1)) {
      return invalid("top_p must lie between 0 and 1; it is " + topP, "top_p");
    }
    Integer topK = o.getTopK();
    if (topK != null && topK < -1) {
      return invalid("top_k must be at least 1, or 0 or -1 for no limit; it is " + topK, "top_k");
    }
    return o.getChoices() < 1 || o.getChoices() > MOST_CHOICES
        ? invalid("n must lie between 1 and " + MOST_CHOICES + "; it is " + o.getChoices(), "n")
        : Optional.empty();
  }

  private Optional<Failure> toolsFault(List<Tool> tools) {
    if (tools.size() > MOST_TOOLS) {
      return invalid(
          "there may be " + MOST_TOOLS + " tools at most; there are " + tools.size(), "tools");
    }
    var names = new HashSet<String>();
    for (int i = 0; i < tools.size(); i++) {
      Optional<Failure> fault = toolFault(tools.get(i), "tools[" + i + "]", names);
      if (fault.isPresent()) {
        return fault;
      }
    }
    return Optional.empty();
  }

  private Optional<Failure> toolFault(Tool tool, String at, Set<String> names) {
    String raw = tool.getRaw();
    if (raw != null) {
      return Json.objectFault(raw)
          .flatMap(fault -> invalid("a tool is a JSON object; " + fault, at));
    }
    String name = tool.getName();
    if (name.isBlank() || name.length() > LONGEST_NAME) {
      return invalid(Turns.unfit("the name of a tool", name), at + words.toolName());
    }
    if (!names.add(name)) {
      return invalid("two tools are named \"" + name + "\"", at + words.toolName());
    }
    String parameters = tool.getParameters();
    return (parameters == null ? Optional.<String>empty() : Json.objectFault(parameters))
        .flatMap(fault ->
            invalid(
                "the parameters of a tool are a JSON schema; " + fault,
                at + words.toolParameters()))
        .or(() -> Turns.lifetimeFault(tool.getCacheFor(), at));
  }

  private static Optional<Failure> choiceFault(@Nullable ToolChoice choice, List<Tool> tools) {
    if (choice == null) {
      return Optional.empty();
    }
    if (!MODES.contains(choice.getMode())) {
      return invalid(
          "tool_choice is " + oneOf(MODES) + "; it is \"" + Excerpt.of(choice.getMode()) + "\"",
          "tool_choice");
    }
    if (!choice.getMode().equals(NAMED)) {
      return choice.getMode().equals("required") && tools.isEmpty()
          ? invalid("tool_choice requires a tool call, and there are no tools", "tool_choice")
          : Optional.empty();
    }
    String name = choice.getName();
    boolean known = name != null && tools.stream().anyMatch(tool -> name.equals(nameOf(tool)));
    return known
        ? Optional.empty()
        : invalid(
            "tool_choice names the tool \""
                + Excerpt.of(name == null ? "" : name)
                + "\", which is not among tools",
            "tool_choice");
  }

  private static String nameOf(Tool tool) {
    String raw = tool.getRaw();
    return raw == null ? tool.getName() : Json.textOf(raw, "name").orElse("");
  }

  private Optional<Failure> formatFault(@Nullable ResponseFormat format) {
    if (format == null) {
      return Optional.empty();
    }
    if (!FORMATS.contains(format.getType())) {
      return invalid(
          "the type of a format is "
              + oneOf(FORMATS)
              + "; it is \""
              + Excerpt.of(format.getType())
              + "\"",
          words.format() + ".type");
    }
    String schema = format.getSchema$();
    if (!format.getType().equals(SCHEMA)) {
      return Optional.empty();
    }
    return schema == null
        ? invalid("a format of the type json_schema has a schema", words.formatSchema())
        : Json.objectFault(schema)
            .flatMap(fault -> invalid("a schema is a JSON object; " + fault, words.formatSchema()));
  }

  private Optional<Failure> stopFault(List<String> stops) {
    if (stops.size() > MOST_STOPS) {
      return invalid(
          "there may be " + MOST_STOPS + " stop texts at most; there are " + stops.size(),
          words.stop());
    }
    for (int i = 0; i < stops.size(); i++) {
      String stop = stops.get(i);
      if (stop.isEmpty() || stop.length() > LONGEST_STOP) {
        return invalid(
            "a stop text has between 1 and "
                + LONGEST_STOP
                + " characters; this one has "
                + stop.length(),
            words.stop() + "[" + i + "]");
      }
    }
    return Optional.empty();
  }

  private Optional<Failure> effortFault(@Nullable String effort) {
    return effort == null || EFFORTS.contains(effort)
        ? Optional.empty()
        : invalid(
            "the reasoning effort is " + oneOf(EFFORTS) + "; it is \"" + Excerpt.of(effort) + "\"",
            words.effort());
  }

  private static Optional<Failure> cacheFault(@Nullable CacheControl cache, boolean useCache) {
    if (cache == null) {
      return Optional.empty();
    }
    Long maxAge = cache.getMaxAgeMs();
    if (maxAge != null && maxAge < 0) {
      return invalid("max-age must not be negative; it is " + maxAge + " ms", "cache.max_age");
    }
    return cache.getOnlyIfCached() && !useCache
        ? invalid(
            "only-if-cached asks for a shared answer, and use_cache false for one of one's own:"
                + " send one of them",
            "cache.only_if_cached")
        : Optional.empty();
  }

  private static Optional<Failure> objectFault(@Nullable String json, String field) {
    return json == null
        ? Optional.empty()
        : Json.objectFault(json)
            .flatMap(fault -> invalid(field + " must be one JSON object; " + fault, field));
  }

  private static String oneOf(List<String> words) {
    return String.join(", ", words.subList(0, words.size() - 1)) + " or " + words.getLast();
  }

  private static Optional<Failure> invalid(String message, String field) {
    return Optional.of(Reason.INVALID_VALUE.because(message, field));
  }
}
