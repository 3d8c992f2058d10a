package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.PromptCache;
import io.penstock.schemas.avro.ResponseFormat;
import io.penstock.schemas.avro.Tool;
import io.penstock.schemas.avro.ToolChoice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the body of Anthropic's messages. A temperature above 1 is sent as 1, its highest. */
final class AnthropicMessages {
  private static final double HOTTEST = 1.0;

  private final Question question;
  private final ObjectNode body;
  private final Inquiry inquiry;

  private AnthropicMessages(Question question) {
    this.question = question;
    this.body = question.body();
    this.inquiry = question.inquiry();
  }

  static Question question(Inquiry inquiry) {
    var question = new Question(inquiry);
    new AnthropicMessages(question).write();
    return question.allowed();
  }

  private void write() {
    InferenceRequest request = inquiry.request();
    Integer limit = request.getMaxTokens();
    body.put(
        "max_tokens",
        limit == null
            ? inquiry.traits().defaultMaxTokens(inquiry.model(), inquiry.wireModel())
            : limit);
    AnthropicTurns.write(question);
    if (request.getTemperature() != null) {
      body.put("temperature", Math.min(request.getTemperature(), HOTTEST));
    }
    options(inquiry.options());
    tier(request.getServiceTier());
    if (inquiry.streamed()) {
      body.put("stream", true);
    }
    Extras.add(question);
  }

  private void options(Options options) {
    if (options.getTopP() != null) {
      body.put("top_p", options.getTopP());
    }
    if (options.getTopK() != null) {
      body.put("top_k", options.getTopK());
    }
    if (options.getSeed() != null) {
      question.drop("seed");
    }
    if (!options.getStop().isEmpty()) {
      options.getStop().forEach(body.putArray("stop_sequences")::add);
    }
    if (options.getChoices() != 1) {
      throw new InexpressibleException("n: more than one answer");
    }
    effort(options.getReasoningEffort());
    format(options.getResponseFormat());
    tools(options);
  }

  /** It thinks when it is told to, so an effort of none needs no words. */
  private void effort(@Nullable String effort) {
    if (effort != null && !effort.equals("none")) {
      body.withObjectProperty("output_config")
          .put("effort", effort.equals("minimal") ? "low" : effort);
    }
  }

  private void format(@Nullable ResponseFormat format) {
    if (format == null || format.getType().equals("text")) {
      return;
    }
    JsonNode schema = EmbeddedJson.objectOrNull(format.getSchema$(), "response_format schema");
    if (format.getType().equals("json_schema") && schema != null) {
      body.withObjectProperty("output_config")
          .putObject("format")
          .put("type", "json_schema")
          .set("schema", schema);
    } else {
      // OpenAI demands that a prompt for its JSON mode asks for JSON in words, which still stand.
      question.drop("response_format");
    }
  }

  private void tools(Options options) {
    List<Tool> tools = options.getTools();
    if (!tools.isEmpty()) {
      ArrayNode written = body.putArray("tools");
      for (int i = 0; i < tools.size(); i++) {
        written.add(tool(tools.get(i), "tools[" + i + "]"));
      }
      mark((ObjectNode) written.get(tools.size() - 1));
    }
    ToolChoice choice = options.getToolChoice();
    boolean oneByOne = Boolean.FALSE.equals(options.getParallelToolCalls()) && !tools.isEmpty();
    if (choice == null && !oneByOne) {
      return;
    }
    String mode = choice == null ? "auto" : choice.getMode();
    ObjectNode chosen =
        body.putObject("tool_choice").put("type", mode.equals("required") ? "any" : mode);
    if (choice != null && choice.getName() != null) {
      chosen.put("name", choice.getName());
    }
    if (oneByOne && !mode.equals("none")) {
      chosen.put("disable_parallel_tool_use", true);
    }
  }

  private void mark(ObjectNode last) {
    PromptCache cache = inquiry.promptCache();
    if (cache != null) {
      cache.getBreakpoints().stream()
          .filter(end -> end.getMessages() == 0)
          .forEach(end -> CacheMark.set(last, end.getLifetime()));
    }
  }

  private JsonNode tool(Tool tool, String where) {
    if (tool.getRaw() != null) {
      JsonNode raw = EmbeddedJson.object(tool.getRaw(), where);
      if (!inquiry.spoken()) {
        throw new InexpressibleException(where + " of type " + raw.path("type").asText());
      }
      return CacheMark.set((ObjectNode) raw, tool.getCacheFor());
    }
    ObjectNode written = Json.object().put("name", tool.getName());
    if (tool.getDescription() != null) {
      written.put("description", tool.getDescription());
    }
    JsonNode schema = EmbeddedJson.objectOrNull(tool.getParameters(), where + ".parameters");
    if (schema == null) {
      written.putObject("input_schema").put("type", "object").putObject("properties");
    } else {
      written.set("input_schema", schema);
    }
    if (Boolean.TRUE.equals(tool.getStrict())) {
      written.put("strict", true);
    }
    return CacheMark.set(written, tool.getCacheFor());
  }

  private void tier(@Nullable String tier) {
    if (tier == null) {
      return;
    }
    switch (tier) {
      case "auto", "standard_only" -> body.put("service_tier", tier);
      case "default" -> body.put("service_tier", "standard_only");
      default -> {
        if (inquiry.spoken()) {
          body.put("service_tier", tier);
        } else {
          question.drop("service_tier");
        }
      }
    }
  }
}
