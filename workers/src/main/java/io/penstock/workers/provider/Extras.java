package io.penstock.workers.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fields of a request that our vocabulary does not name. To a provider that speaks the API they
 * were written for they go as they are; to another one in its own words where it has some. What
 * cannot be missed is an {@link InexpressibleException}, all else is left out and listed. A field
 * of ours is never overwritten.
 */
final class Extras {
  // Ours even when they are absent: what we do not send we do not want.
  private static final Set<String> OURS =
      Set.of(
          "model",
          "messages",
          "input",
          "stream",
          "stream_options",
          "n",
          "max_tokens",
          "max_completion_tokens");

  // Who asks for one of these is not served by an answer without it.
  private static final Set<String> ONLY_OPENAI =
      Set.of("audio", "functions", "function_call", "web_search_options");
  private static final Set<String> ONLY_ANTHROPIC =
      Set.of("mcp_servers", "container", "inference_geo");

  private Extras() {}

  static void add(Question question) {
    Inquiry inquiry = question.inquiry();
    add(question, inquiry.options().getExtra(), "extra fields");
    add(question, inquiry.request().getAsides(), "asides");
  }

  private static void add(Question question, @Nullable String json, String where) {
    JsonNode fields = EmbeddedJson.objectOrNull(json, where);
    if (fields == null) {
      return;
    }
    fields
        .properties()
        .forEach(field -> {
          String name = field.getKey();
          if (question.inquiry().spoken()) {
            if (OURS.contains(name)
                && !(question.body().path(name).isObject() && field.getValue().isObject())) {
              question.drop(name);
            } else {
              question.add(name, field.getValue());
            }
          } else {
            switch (question.inquiry().provider().dialect()) {
              case OpenAiDialect openAi -> toOpenAi(question, name, field.getValue());
              case AnthropicDialect anthropic -> toAnthropic(question, name, field.getValue());
            }
          }
        });
  }

  private static void toOpenAi(Question question, String name, JsonNode value) {
    String user = name.equals("metadata") ? Json.text(value, "user_id") : null;
    if (user != null) {
      question.body().put("user", user);
    } else if (ONLY_ANTHROPIC.contains(name)) {
      throw new InexpressibleException(name);
    } else {
      question.drop(name);
    }
  }

  private static void toAnthropic(Question question, String name, JsonNode value) {
    boolean user = name.equals("user") || name.equals("safety_identifier");
    boolean sound = name.equals("modalities") && value.isArray() && !value.equals(justText());
    if (user && value.isTextual()) {
      ObjectNode metadata = Json.object().put("user_id", value.textValue());
      question.add("metadata", metadata);
    } else if (ONLY_OPENAI.contains(name) || sound) {
      throw new InexpressibleException(name);
    } else {
      question.drop(name);
    }
  }

  private static JsonNode justText() {
    return JsonNodeFactory.instance.arrayNode().add("text");
  }
}
