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

/** Writes the body of a chat completion. */
final class OpenAiChat {
  private final Question question;
  private final ObjectNode body;
  private final Inquiry inquiry;

  private OpenAiChat(Question question) {
    this.question = question;
    this.body = question.body();
    this.inquiry = question.inquiry();
  }

  static Question question(Inquiry inquiry) {
    var question = new Question(inquiry);
    new OpenAiChat(question).write();
    return question.allowed();
  }

  private void write() {
    InferenceRequest request = inquiry.request();
    body.set("messages", OpenAiTurns.write(question));
    if (request.getMaxTokens() != null) {
      String field = inquiry.traits().limitField(inquiry.model(), inquiry.wireModel());
      body.put(field, request.getMaxTokens());
    }
    if (request.getTemperature() != null) {
      body.put("temperature", request.getTemperature());
    }
    options(inquiry.options());
    tier();
    cache();
    if (inquiry.streamed()) {
      body.put("stream", true);
      if (inquiry.traits().streamOptions()) {
        body.putObject("stream_options").put("include_usage", true);
      }
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
      body.put("seed", options.getSeed());
    }
    if (!options.getStop().isEmpty()) {
      options.getStop().forEach(body.putArray("stop")::add);
    }
    if (options.getReasoningEffort() != null) {
      body.put("reasoning_effort", options.getReasoningEffort());
    }
    if (options.getChoices() != 1) {
      body.put("n", options.getChoices());
    }
    if (options.getResponseFormat() != null) {
      body.set("response_format", format(options.getResponseFormat()));
    }
    tools(options);
  }

  private void tools(Options options) {
    if (!options.getTools().isEmpty()) {
      ArrayNode tools = body.putArray("tools");
      for (int i = 0; i < options.getTools().size(); i++) {
        tools.add(tool(options.getTools().get(i), "tools[" + i + "]"));
      }
    }
    if (options.getToolChoice() != null) {
      body.set("tool_choice", choice(options.getToolChoice()));
    }
    if (options.getParallelToolCalls() != null) {
      body.put("parallel_tool_calls", options.getParallelToolCalls());
    }
  }

  private JsonNode tool(Tool tool, String where) {
    if (tool.getRaw() != null) {
      JsonNode raw = EmbeddedJson.object(tool.getRaw(), where);
      if (!inquiry.spoken()) {
        throw new InexpressibleException(where + " of type " + raw.path("type").asText());
      }
      return raw;
    }
    ObjectNode written = Json.object().put("type", "function");
    ObjectNode function = written.putObject("function").put("name", tool.getName());
    if (tool.getDescription() != null) {
      function.put("description", tool.getDescription());
    }
    JsonNode parameters = EmbeddedJson.objectOrNull(tool.getParameters(), where + ".parameters");
    if (parameters != null) {
      function.set("parameters", parameters);
    }
    if (tool.getStrict() != null) {
      function.put("strict", tool.getStrict());
    }
    return written;
  }

  private static JsonNode choice(ToolChoice choice) {
    if (!choice.getMode().equals("tool")) {
      return Json.object().textNode(choice.getMode());
    }
    ObjectNode named = Json.object().put("type", "function");
    named.putObject("function").put("name", choice.getName());
    return named;
  }

  private static JsonNode format(ResponseFormat format) {
    ObjectNode written = Json.object().put("type", format.getType());
    if (format.getType().equals("json_schema")) {
      ObjectNode schema =
          written
              .putObject("json_schema")
              .put("name", format.getName() == null ? "answer" : format.getName());
      if (format.getDescription() != null) {
        schema.put("description", format.getDescription());
      }
      JsonNode tree = EmbeddedJson.objectOrNull(format.getSchema$(), "response_format schema");
      if (tree != null) {
        schema.set("schema", tree);
      }
      if (format.getStrict() != null) {
        schema.put("strict", format.getStrict());
      }
    }
    return written;
  }

  /** Who says nothing of writes to a model that charges for them pays for all. */
  private void cache() {
    PromptCache cache = inquiry.promptCache();
    if (cache == null) {
      return;
    }
    if (cache.getKey() != null) {
      body.put("prompt_cache_key", cache.getKey());
    }
    if (cache.getOff() || !cache.getBreakpoints().isEmpty()) {
      body.putObject("prompt_cache_options").put("mode", "explicit");
    }
  }

  private void tier() {
    String tier = inquiry.request().getServiceTier();
    if (tier == null) {
      return;
    }
    if (inquiry.spoken()) {
      body.put("service_tier", tier);
    } else if (tier.equals("standard_only")) {
      body.put("service_tier", "default");
    } else if (!tier.equals("auto")) {
      question.drop("service_tier");
    }
  }
}
