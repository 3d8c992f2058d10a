package io.penstock.infra.send;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** What all requests of one sending have in common. */
public record Template(
    Optional<String> lane,
    Optional<String> model,
    Optional<Integer> maxTokens,
    Optional<Long> deadlineMs,
    boolean useCache) {
  private static final ObjectMapper JSON = new ObjectMapper();

  String body(Prompt prompt) {
    ObjectNode body = JSON.createObjectNode().put("prompt", prompt.text());
    lane.ifPresent(word -> body.put("priority", word));
    model.ifPresent(name -> body.put("model", name));
    maxTokens.ifPresent(most -> body.put("max_tokens", most));
    deadlineMs.ifPresent(ms -> body.put("deadline_ms", ms));
    if (!useCache) {
      body.put("use_cache", false);
    }
    return body.toString();
  }
}
