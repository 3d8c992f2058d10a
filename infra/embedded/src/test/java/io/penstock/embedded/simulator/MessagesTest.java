package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.JSON;
import static io.penstock.embedded.simulator.TestingSimulator.message;
import static io.penstock.embedded.simulator.TestingSimulator.streamed;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.embedded.simulator.TestingSimulator.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okhttp3.RequestBody;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessagesTest {
  private final TestingSimulator simulator = TestingSimulator.atOnce();

  @AfterEach
  void stop() {
    simulator.close();
  }

  @Test
  void aMessageHasAnthropicsShape() throws IOException {
    Reply reply = simulator.message(message("claude-test", "Who turns the wheel?"));

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.headers().get("request-id")).isNotBlank();
    JsonNode json = reply.json();
    assertThat(json.path("id").textValue()).startsWith("msg_");
    assertThat(json.path("type").textValue()).isEqualTo("message");
    assertThat(json.path("role").textValue()).isEqualTo("assistant");
    assertThat(json.path("model").textValue()).isEqualTo("claude-test");
    assertThat(json.at("/content/0/type").textValue()).isEqualTo("text");
    assertThat(json.at("/content/0/text").textValue()).isNotBlank();
    assertThat(json.path("stop_reason").textValue()).isEqualTo("end_turn");
    assertThat(json.at("/usage/input_tokens").intValue()).isEqualTo(4 + 5);
    assertThat(json.at("/usage/output_tokens").intValue()).isPositive();
    assertThat(json.at("/usage/cache_creation/ephemeral_5m_input_tokens").intValue()).isZero();
  }

  @Test
  void aLimitCutsTheAnswerAndSaysSo() throws IOException {
    JsonNode json = simulator.message(message("claude-test", "hi").put("max_tokens", 7)).json();

    assertThat(json.path("stop_reason").textValue()).isEqualTo("max_tokens");
    assertThat(json.at("/usage/output_tokens").intValue()).isEqualTo(7);
  }

  @Test
  void aStreamHasAnthropicsEventsAndTheTextOfTheWhole() throws IOException {
    JsonNode whole = simulator.message(message("claude-test", "hi")).json();

    List<JsonNode> events =
        events(simulator.message(streamed(message("claude-test", "hi"))).body());

    List<String> types = events.stream().map(event -> event.path("type").textValue()).toList();
    assertThat(types)
        .startsWith("message_start", "content_block_start")
        .endsWith("content_block_stop", "message_delta", "message_stop");
    assertThat(events.getFirst().at("/message/usage/input_tokens").intValue()).isEqualTo(5);
    JsonNode delta = events.get(events.size() - 2);
    assertThat(delta.at("/delta/stop_reason").textValue()).isEqualTo("end_turn");
    assertThat(delta.path("usage")).isEqualTo(whole.path("usage"));
    StringBuilder text = new StringBuilder();
    events.forEach(event -> text.append(event.at("/delta/text").asText()));
    assertThat(text.toString()).isEqualTo(whole.at("/content/0/text").textValue());
  }

  @Test
  void aThinkingModelShowsAndSignsItsThoughts() throws IOException {
    ObjectNode body = thinking();

    JsonNode json = simulator.message(body).json();

    assertThat(json.path("content"))
        .extracting(block -> block.path("type").textValue())
        .containsExactly("thinking", "text");
    String thought = json.at("/content/0/thinking").textValue();
    assertThat(thought).isNotBlank();
    assertThat(json.at("/content/0/signature").textValue()).isNotBlank();
    assertThat(json.at("/usage/output_tokens").intValue())
        .isEqualTo(Prompt.tokens(thought) + Prompt.tokens(json.at("/content/1/text").textValue()));
  }

  @Test
  void thoughtsAreStreamedBeforeTheTextAndSignedAtTheirEnd() throws IOException {
    JsonNode whole = simulator.message(thinking()).json();

    List<JsonNode> events = events(simulator.message(streamed(thinking())).body());

    StringBuilder thought = new StringBuilder();
    StringBuilder text = new StringBuilder();
    List<String> ofTheThought = new ArrayList<>();
    for (JsonNode event : events) {
      thought.append(event.at("/delta/thinking").asText());
      text.append(event.at("/delta/text").asText());
      if (event.path("index").asInt(-1) == 0) {
        ofTheThought.add(event.at("/delta/type").asText(event.path("type").textValue()));
      }
    }
    assertThat(thought.toString()).isEqualTo(whole.at("/content/0/thinking").textValue());
    assertThat(text.toString()).isEqualTo(whole.at("/content/1/text").textValue());
    assertThat(ofTheThought)
        .startsWith("content_block_start", "thinking_delta")
        .endsWith("thinking_delta", "signature_delta", "content_block_stop");
    assertThat(events.get(events.size() - 2).path("usage")).isEqualTo(whole.path("usage"));
  }

  private static ObjectNode thinking() {
    ObjectNode body = message("claude-test", "hi").put("max_tokens", 4_000);
    body.putObject("thinking").put("type", "enabled").put("budget_tokens", 1_024);
    return body;
  }

  @Test
  void aStopSequenceIsNamed() throws IOException {
    String whole =
        simulator.message(message("claude-test", "hi")).json().at("/content/0/text").textValue();
    String stop = whole.substring(30, 36);
    ObjectNode body = message("claude-test", "hi");
    body.putArray("stop_sequences").add(stop);

    JsonNode json = simulator.message(body).json();

    assertThat(json.path("stop_reason").textValue()).isEqualTo("stop_sequence");
    assertThat(json.path("stop_sequence").textValue()).isEqualTo(stop);
    assertThat(json.at("/content/0/text").textValue())
        .isEqualTo(whole.substring(0, whole.indexOf(stop)));
  }

  @Test
  void systemTextsAndToolsCountAsInput() throws IOException {
    var body = message("claude-test", "hi").put("system", "Be brief, but kind.");
    body.putArray("tools").addObject().put("name", "a");

    assertThat(simulator.message(body).json().at("/usage/input_tokens").intValue())
        .isEqualTo(3 + (4 + 5) + (4 + 1));
  }

  @Test
  void anUnknownModelIsNotFound() throws IOException {
    Reply reply = simulator.message(message("claude-none", "hi"));

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.json().path("type").textValue()).isEqualTo("error");
    assertThat(reply.json().at("/error/type").textValue()).isEqualTo("not_found_error");
    assertThat(reply.json().path("request_id").textValue())
        .isEqualTo(reply.headers().get("request-id"));
  }

  @Test
  void theVersionHeaderIsRequired() throws IOException {
    RequestBody body = RequestBody.create(message("claude-test", "hi").toString(), null);

    Reply reply =
        simulator.send(
            simulator.request("/v1/messages").removeHeader("anthropic-version").post(body).build());

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().at("/error/message").textValue()).contains("anthropic-version");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"model\": | not JSON",
        "{\"model\": \"claude-test\"} | messages",
        "{\"model\": \"claude-test\", \"messages\": [], \"max_tokens\": 9} | messages",
        "{\"model\": \"claude-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}"
            + " | max_tokens",
        "{\"model\": \"claude-test\", \"messages\": [{\"role\": \"user\", \"content\": \"\"}],"
            + " \"max_tokens\": 9} | non-empty",
        "{\"model\": \"claude-test\", \"messages\": [{\"role\": \"system\", \"content\": \"x\"}],"
            + " \"max_tokens\": 9} | messages.0.role",
        "{\"model\": \"claude-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}],"
            + " \"max_tokens\": 9, \"temperature\": 1.5} | temperature",
        "{\"model\": \"claude-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}],"
            + " \"max_tokens\": 9, \"cache_control\": {\"type\": \"ephemeral\", \"ttl\": \"2h\"}}"
            + " | ttl",
        "{\"model\": \"claude-test\", \"max_tokens\": 9, \"messages\": [{\"role\": \"user\","
            + " \"content\": [{\"type\": \"text\", \"text\": \"a\", \"cache_control\":"
            + " {\"type\": \"ephemeral\"}}, {\"type\": \"text\", \"text\": \"b\","
            + " \"cache_control\": {\"type\": \"ephemeral\", \"ttl\": \"1h\"}}]}]}"
            + " | must come before",
        "{\"model\": \"claude-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}],"
            + " \"max_tokens\": 9, \"thinking\": {\"type\": \"enabled\", \"budget_tokens\": 5}}"
            + " | thinking.budget_tokens",
        "{\"model\": \"claude-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}],"
            + " \"max_tokens\": 2000, \"thinking\": {\"type\": \"enabled\", \"budget_tokens\":"
            + " 2000}} | must be greater",
        "{\"model\": \"claude-test\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}],"
            + " \"max_tokens\": 9, \"tool_choice\": {\"type\": \"tool\", \"name\": \"x\"}}"
            + " | not found in provided tools",
      })
  void aWrongRequestIsRefusedWithTheReason(String body, String reason) throws IOException {
    Reply reply = simulator.post("/v1/messages", body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().at("/error/type").textValue()).isEqualTo("invalid_request_error");
    assertThat(reply.json().at("/error/message").textValue()).contains(reason);
  }

  private static List<JsonNode> events(String stream) throws IOException {
    List<JsonNode> events = new ArrayList<>();
    for (String event : stream.strip().split("\n\n", -1)) {
      String[] lines = event.split("\n", -1);
      JsonNode data = JSON.readTree(lines[1].substring("data: ".length()));
      assertThat(lines[0]).isEqualTo("event: " + data.path("type").textValue());
      events.add(data);
    }
    return events;
  }
}
