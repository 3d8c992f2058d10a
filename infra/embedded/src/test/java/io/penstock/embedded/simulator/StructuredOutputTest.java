package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.assertIsWeather;
import static io.penstock.embedded.simulator.TestingSimulator.chat;
import static io.penstock.embedded.simulator.TestingSimulator.data;
import static io.penstock.embedded.simulator.TestingSimulator.json;
import static io.penstock.embedded.simulator.TestingSimulator.message;
import static io.penstock.embedded.simulator.TestingSimulator.streamed;
import static io.penstock.embedded.simulator.TestingSimulator.weatherSchema;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.OffsetDateTime;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StructuredOutputTest {
  private final TestingSimulator simulator = TestingSimulator.atOnce();

  @AfterEach
  void stop() {
    simulator.close();
  }

  private static ObjectNode formatted() {
    ObjectNode body = chat("gpt-test", "hi");
    ObjectNode format = body.putObject("response_format").put("type", "json_schema");
    format.putObject("json_schema").put("name", "weather").set("schema", weatherSchema());
    return body;
  }

  @Test
  void aCompletionKeepsToItsSchema() throws IOException {
    JsonNode answer = simulator.complete(formatted()).json();

    String content = answer.at("/choices/0/message/content").textValue();
    assertIsWeather(json(content));
    assertThat(answer.at("/choices/0/finish_reason").textValue()).isEqualTo("stop");
    StringBuilder streamedText = new StringBuilder();
    data(simulator.complete(streamed(formatted())).body())
        .forEach(chunk -> streamedText.append(chunk.at("/choices/0/delta/content").asText()));
    assertThat(streamedText.toString()).isEqualTo(content);
  }

  @Test
  void aCompletionWithoutASchemaIsAnObject() throws IOException {
    ObjectNode body = chat("gpt-test", "hi");
    body.putObject("response_format").put("type", "json_object");

    String content = simulator.complete(body).json().at("/choices/0/message/content").textValue();

    assertThat(json(content).isObject()).isTrue();
    assertThat(json(content).path("answer").isTextual()).isTrue();
  }

  @Test
  void aMessageKeepsToItsSchema() throws IOException {
    ObjectNode body = message("claude-test", "hi");
    body.putObject("output_config")
        .putObject("format")
        .put("type", "json_schema")
        .set("schema", weatherSchema());

    assertIsWeather(json(simulator.message(body).json().at("/content/0/text").textValue()));
  }

  @Test
  void theSchemaCountsAsInput() throws IOException {
    int plain = promptTokens(chat("gpt-test", "hi"));

    assertThat(promptTokens(formatted()))
        .isEqualTo(
            plain + Prompt.tokens(formatted().at("/response_format/json_schema").toString()));
  }

  private int promptTokens(ObjectNode body) throws IOException {
    return simulator.complete(body).json().at("/usage/prompt_tokens").intValue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"const\": 7} | 7",
        "{\"enum\": [\"one\"]} | \"one\"",
        "{\"type\": \"null\"} | null",
        "{\"anyOf\": [{\"const\": 1}, {\"const\": 2}]} | 1",
        "{\"oneOf\": [{\"const\": \"a\"}, {\"type\": \"null\"}]} | \"a\"",
        "{\"allOf\": [{\"properties\": {\"a\": {\"const\": 1}}},"
            + " {\"properties\": {\"b\": {\"const\": 2}}}]} | {\"a\": 1, \"b\": 2}",
        "{\"$ref\": \"#/$defs/x\", \"$defs\": {\"x\": {\"const\": \"far\"}}} | \"far\"",
        "{\"type\": \"integer\", \"minimum\": 5, \"maximum\": 5} | 5",
        "{\"type\": \"integer\", \"exclusiveMinimum\": 4, \"exclusiveMaximum\": 6} | 5",
        "{\"type\": \"integer\", \"multipleOf\": 10, \"minimum\": 11, \"maximum\": 29} | 20",
        "{\"type\": \"number\", \"minimum\": 0.1, \"maximum\": 0.1} | 0.1",
        "{\"type\": \"array\", \"items\": {\"const\": 1}, \"minItems\": 4, \"maxItems\": 4}"
            + " | [1, 1, 1, 1]",
        "{\"type\": \"array\", \"prefixItems\": [{\"const\": 1}, {\"const\": \"b\"}],"
            + " \"maxItems\": 2} | [1, \"b\"]",
        "{\"type\": \"array\", \"items\": {\"enum\": [1, 2]}, \"minItems\": 2, \"maxItems\": 2,"
            + " \"uniqueItems\": true, \"contains\": {}} | *",
        "{\"type\": \"object\", \"required\": [\"x\"], \"additionalProperties\": {\"const\": 3}}"
            + " | {\"x\": 3}",
        "{\"type\": \"string\", \"minLength\": 90, \"maxLength\": 90} | *",
      })
  void everyKindOfSchemaIsSatisfied(String schema, String value) {
    JsonNode given = json(schema);
    JsonNode made = JsonMaker.make(given, 42);

    if (!value.equals("*")) {
      assertThat(json(made.toString())).isEqualTo(json(value));
    } else if (made.isArray()) {
      Set<JsonNode> items = new HashSet<>();
      made.forEach(items::add);
      assertThat(items).hasSize(2);
    } else {
      assertThat(made.textValue()).hasSize(given.path("maxLength").intValue());
    }
  }

  @Test
  void valuesVaryWithTheSeedAndStayTheSameForOne() {
    JsonNode schema = json("{\"type\": \"integer\", \"minimum\": -3, \"maximum\": 3}");
    Set<Integer> made = new HashSet<>();
    for (int seed = 0; seed < 200; seed++) {
      int number = JsonMaker.make(schema, seed).intValue();
      assertThat(number).isEqualTo(JsonMaker.make(schema, seed).intValue()).isBetween(-3, 3);
      made.add(number);
    }

    assertThat(made).hasSize(7);
  }

  @Test
  void numbersStayWithinBoundsThatNoMultipleFits() {
    JsonNode schema = json("{\"type\": \"number\", \"minimum\": 0.3, \"maximum\": 0.4}");

    assertThat(JsonMaker.make(schema, 1).decimalValue())
        .isBetween(new BigDecimal("0.3"), new BigDecimal("0.4"));
  }

  @Test
  void aSchemaThatContainsItselfComesToAnEnd() {
    JsonNode list =
        json(
            """
            {"$ref": "#/$defs/node", "$defs": {"node": {"type": "object",
              "required": ["name", "children"], "properties": {"name": {"type": "string"},
              "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
              "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}}}}
            """);
    JsonNode impossible =
        json(
            """
            {"type": "object", "required": ["a", "b"],
             "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}}
            """);

    assertThat(JsonMaker.make(list, 3).path("children").isArray()).isTrue();
    assertThat(JsonMaker.make(impossible, 3).has("a")).isTrue();
  }

  @Test
  void datesAreDates() {
    for (int seed = 0; seed < 50; seed++) {
      String moment =
          JsonMaker.make(json("{\"type\": \"string\", \"format\": \"date-time\"}"), seed)
              .textValue();
      assertThat(OffsetDateTime.parse(moment).getYear()).isEqualTo(2026);
    }
  }
}
