package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.assertIsWeather;
import static io.penstock.embedded.simulator.TestingSimulator.chat;
import static io.penstock.embedded.simulator.TestingSimulator.data;
import static io.penstock.embedded.simulator.TestingSimulator.json;
import static io.penstock.embedded.simulator.TestingSimulator.message;
import static io.penstock.embedded.simulator.TestingSimulator.streamed;
import static io.penstock.embedded.simulator.TestingSimulator.streamedWithUsage;
import static io.penstock.embedded.simulator.TestingSimulator.weatherSchema;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToolsTest {
  private final TestingSimulator simulator = TestingSimulator.atOnce();

  @AfterEach
  void stop() {
    simulator.close();
  }

  private static ObjectNode asked(String prompt) {
    ObjectNode body = chat("gpt-test", prompt);
    ArrayNode tools = body.putArray("tools");
    for (String name : new String[] {"get_weather", "get_time"}) {
      ObjectNode tool = tools.addObject().put("type", "function").putObject("function");
      tool.put("name", name).set("parameters", weatherSchema());
    }
    return body;
  }

  private static ObjectNode question(String prompt) {
    ObjectNode body = message("claude-test", prompt);
    ArrayNode tools = body.putArray("tools");
    for (String name : new String[] {"get_weather", "get_time"}) {
      tools.addObject().put("name", name).set("input_schema", weatherSchema());
    }
    return body;
  }

  @ParameterizedTest(name = "{0} with {1}, parallel {2}: {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        "How are you? | \"auto\" | true | ",
        "Please use get_weather now. | \"auto\" | true | get_weather",
        "Ask get_time, then get_weather. | \"auto\" | true | get_time get_weather",
        "Ask get_time, then get_weather. | \"auto\" | false | get_time",
        "Is get_weather_2 a name? | \"auto\" | true | ",
        "Ask get_time. | \"none\" | true | ",
        "How are you? | \"required\" | true | get_weather",
        "Ask get_time. | \"required\" | true | get_time",
        "Ask get_weather. | {\"type\": \"function\", \"function\": {\"name\": \"get_time\"}} | true"
            + " | get_time",
      })
  void toolsAreCalledThatAreForcedOrNamed(
      String prompt, String choice, boolean parallel, String called) throws IOException {
    ObjectNode body = asked(prompt).put("parallel_tool_calls", parallel);
    body.set("tool_choice", json(choice));

    JsonNode answer = simulator.complete(body).json().at("/choices/0");

    List<String> names = answer.at("/message/tool_calls").findValuesAsText("name");
    assertThat(String.join(" ", names)).isEqualTo(called == null ? "" : called);
    assertThat(answer.path("finish_reason").textValue())
        .isEqualTo(called == null ? "stop" : "tool_calls");
    assertThat(answer.at("/message/content").isNull()).isEqualTo(called != null);
  }

  @ParameterizedTest(name = "{0} with {1}: {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "How are you? | {\"type\": \"auto\"} | ",
        "Ask get_time, then get_weather. | {\"type\": \"auto\"} | get_time get_weather",
        "Ask get_time, then get_weather. | {\"type\": \"auto\", \"disable_parallel_tool_use\":"
            + " true} | get_time",
        "Ask get_time. | {\"type\": \"none\"} | ",
        "How are you? | {\"type\": \"any\"} | get_weather",
        "How are you? | {\"type\": \"tool\", \"name\": \"get_time\"} | get_time",
      })
  void anthropicsToolsAreCalledByTheSameRule(String prompt, String choice, String called)
      throws IOException {
    ObjectNode body = question(prompt);
    body.set("tool_choice", json(choice));

    JsonNode answer = simulator.message(body).json();

    assertThat(String.join(" ", answer.path("content").findValuesAsText("name")))
        .isEqualTo(called == null ? "" : called);
    assertThat(answer.path("stop_reason").textValue())
        .isEqualTo(called == null ? "end_turn" : "tool_use");
  }

  @Test
  void theArgumentsSatisfyTheSchema() throws IOException {
    JsonNode call =
        simulator.complete(asked("use get_weather")).json().at("/choices/0/message/tool_calls/0");
    JsonNode block = simulator.message(question("use get_weather")).json().at("/content/1");

    assertThat(call.path("id").textValue()).startsWith("call_");
    assertThat(call.path("type").textValue()).isEqualTo("function");
    assertIsWeather(json(call.at("/function/arguments").textValue()));
    assertThat(block.path("id").textValue()).startsWith("toolu_");
    assertIsWeather(block.path("input"));
  }

  @Test
  void aFreeModelOfAnthropicsSpeaksBeforeItCalls() throws IOException {
    ObjectNode forced = question("use get_weather");
    forced.putObject("tool_choice").put("type", "any");

    assertThat(simulator.message(question("use get_weather")).json().path("content"))
        .extracting(block -> block.path("type").textValue())
        .containsExactly("text", "tool_use");
    assertThat(simulator.message(forced).json().path("content"))
        .extracting(block -> block.path("type").textValue())
        .containsExactly("tool_use");
  }

  @Test
  void aCompletionStreamsItsCallsByIndexInSeveralPieces() throws IOException {
    String prompt = "get_time and get_weather";
    JsonNode whole = simulator.complete(asked(prompt)).json();

    List<JsonNode> chunks = data(simulator.complete(streamedWithUsage(asked(prompt))).body());

    assertThat(chunks.getFirst().at("/choices/0/delta/content").isNull()).isTrue();
    for (int index = 0; index < 2; index++) {
      int number = index;
      List<JsonNode> pieces =
          chunks.stream()
              .map(chunk -> chunk.at("/choices/0/delta/tool_calls/0"))
              .filter(piece -> piece.path("index").asInt(-1) == number)
              .toList();
      JsonNode call = whole.at("/choices/0/message/tool_calls").path(index);
      assertThat(pieces).hasSizeGreaterThan(3);
      assertThat(pieces.getFirst().path("id")).isEqualTo(call.path("id"));
      assertThat(pieces.getFirst().at("/function/name")).isEqualTo(call.at("/function/name"));
      assertThat(pieces.subList(1, pieces.size())).noneMatch(piece -> piece.has("id"));
      StringBuilder arguments = new StringBuilder();
      pieces.forEach(piece -> arguments.append(piece.at("/function/arguments").textValue()));
      assertThat(arguments.toString()).isEqualTo(call.at("/function/arguments").textValue());
    }
    assertThat(chunks.get(chunks.size() - 2).at("/choices/0/finish_reason").textValue())
        .isEqualTo("tool_calls");
    assertThat(chunks.getLast().path("usage")).isEqualTo(whole.path("usage"));
  }

  @Test
  void aMessageStreamsItsCallsAsBlocksInSeveralPieces() throws IOException {
    JsonNode whole = simulator.message(question("use get_weather")).json();

    List<JsonNode> events = data(simulator.message(streamed(question("use get_weather"))).body());

    List<JsonNode> ofTheCall =
        events.stream().filter(event -> event.path("index").asInt(-1) == 1).toList();
    JsonNode start = ofTheCall.getFirst();
    assertThat(start.at("/content_block/type").textValue()).isEqualTo("tool_use");
    assertThat(start.at("/content_block/id")).isEqualTo(whole.at("/content/1/id"));
    assertThat(start.at("/content_block/input")).isEmpty();
    StringBuilder input = new StringBuilder();
    ofTheCall.forEach(event -> input.append(event.at("/delta/partial_json").asText()));
    assertThat(ofTheCall).hasSizeGreaterThan(5);
    assertThat(json(input.toString())).isEqualTo(whole.at("/content/1/input"));
    assertThat(ofTheCall.getLast().path("type").textValue()).isEqualTo("content_block_stop");
    assertThat(events.get(events.size() - 2).at("/delta/stop_reason").textValue())
        .isEqualTo("tool_use");
  }

  @Test
  void afterTheResultOfAToolComesText() throws IOException {
    ObjectNode body = asked("use get_weather");
    JsonNode called = simulator.complete(body).json().at("/choices/0/message");
    ArrayNode messages = body.withArray("messages");
    messages.add(called);
    messages
        .addObject()
        .put("role", "tool")
        .put("tool_call_id", called.at("/tool_calls/0/id").textValue())
        .put("content", "get_weather says rain");

    JsonNode answer = simulator.complete(body).json().at("/choices/0");

    assertThat(answer.path("finish_reason").textValue()).isEqualTo("stop");
    assertThat(answer.at("/message/content").textValue()).isNotBlank();
  }

  @Test
  void afterTheResultOfAnthropicsToolComesText() throws IOException {
    ObjectNode body = question("use get_weather");
    JsonNode called = simulator.message(body).json().path("content");
    ArrayNode messages = body.withArray("messages");
    messages.addObject().put("role", "assistant").set("content", called);
    ObjectNode result = messages.addObject().put("role", "user").putArray("content").addObject();
    result.put("type", "tool_result").put("content", "get_weather says rain");
    result.set("tool_use_id", called.at("/1/id"));

    assertThat(simulator.message(body).json().path("stop_reason").textValue())
        .isEqualTo("end_turn");
    result.put("tool_use_id", "another");
    assertThat(simulator.message(body).json().at("/error/message").textValue())
        .contains("unexpected `tool_use_id`");
  }

  @Test
  void aLimitCutsACallToo() throws IOException {
    ObjectNode body = asked("use get_weather").put("max_tokens", 9);

    JsonNode answer = simulator.complete(body).json();

    assertThat(answer.at("/choices/0/finish_reason").textValue()).isEqualTo("length");
    assertThat(answer.at("/usage/completion_tokens").intValue()).isEqualTo(9);
    // get_weather is three tokens, which leaves six.
    assertThat(answer.at("/choices/0/message/tool_calls/0/function/arguments").textValue())
        .hasSize(24);
    JsonNode message = simulator.message(question("use get_weather").put("max_tokens", 20)).json();
    assertThat(message.at("/content/1/input").isObject()).isTrue();
    assertThat(message.path("stop_reason").textValue()).isEqualTo("max_tokens");
  }
}
