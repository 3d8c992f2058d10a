package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.JSON;
import static io.penstock.embedded.simulator.TestingSimulator.prose;
import static io.penstock.embedded.simulator.TestingSimulator.streamedWithUsage;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.embedded.simulator.TestingSimulator.Reply;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionsTest {
  private static final String PATH = "/v1/completions";
  private final TestingSimulator simulator = TestingSimulator.atOnce();

  @AfterEach
  void stop() {
    simulator.close();
  }

  private static ObjectNode of(String prompt) {
    ObjectNode body = JSON.createObjectNode().put("model", "gpt-test").put("prompt", prompt);
    return body.put("max_tokens", 10);
  }

  private static ObjectNode ofBoth() {
    ObjectNode body = of("");
    body.putArray("prompt").add("dam dam dam").add("gate");
    return body;
  }

  private JsonNode complete(ObjectNode body) throws IOException {
    return simulator.post(PATH, body.toString()).json();
  }

  private static List<String> texts(JsonNode answer) {
    return answer.path("choices").findValuesAsText("text");
  }

  @Test
  void eachTextOfAListIsAnsweredAsItWouldBeAlone() throws IOException {
    JsonNode dam = complete(of("dam dam dam").put("n", 2));
    JsonNode gate = complete(of("gate").put("n", 2));
    JsonNode both = complete(ofBoth().put("n", 2));

    assertThat(both.path("choices"))
        .extracting(choice -> choice.path("index").intValue())
        .containsExactly(0, 1, 2, 3);
    assertThat(texts(both).subList(0, 2)).isEqualTo(texts(dam)).doesNotHaveDuplicates();
    assertThat(texts(both).subList(2, 4)).isEqualTo(texts(gate));
    assertThat(both.at("/choices/0/finish_reason").textValue()).isEqualTo("length");
  }

  @Test
  void theUsageIsThatOfAllTexts() throws IOException {
    JsonNode usage = complete(ofBoth()).path("usage");

    assertThat(usage.path("prompt_tokens").intValue()).isEqualTo(4);
    assertThat(usage.path("completion_tokens").intValue()).isEqualTo(20);
    // 4 × 0.25 + 20 × 2 millionths
    assertThat(simulator.cost()).isEqualByComparingTo("0.000041");
  }

  @Test
  void aStreamBringsTheSameTextsAndUsage() throws IOException {
    JsonNode whole = complete(ofBoth());
    Reply reply = simulator.post(PATH, streamedWithUsage(ofBoth()).toString());

    StringBuilder first = new StringBuilder();
    StringBuilder second = new StringBuilder();
    List<JsonNode> chunks = TestingSimulator.data(reply.body());
    for (JsonNode chunk : chunks) {
      for (JsonNode choice : chunk.path("choices")) {
        (choice.path("index").intValue() == 0 ? first : second)
            .append(choice.path("text").textValue());
      }
    }
    assertThat(List.of(first.toString(), second.toString())).isEqualTo(texts(whole));
    assertThat(chunks.getLast().path("usage")).isEqualTo(whole.path("usage"));
    assertThat(reply.body()).endsWith("data: [DONE]\n\n");
  }

  @Test
  void aLongTextIsReadFromTheCacheTheSecondTime() throws IOException {
    complete(of(prose(2_000)));

    assertThat(complete(of(prose(2_000))).at("/usage/prompt_tokens_details/cached_tokens").asInt())
        .isEqualTo(1_920);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"model\": \"gpt-test\"} | prompt",
        "{\"model\": \"gpt-test\", \"prompt\": []} | prompt",
        "{\"model\": \"gpt-test\", \"prompt\": \"a\", \"max_tokens\": 0} | max_tokens",
      })
  void aWrongRequestIsRefusedWithItsField(String body, String field) throws IOException {
    Reply reply = simulator.post(PATH, body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().at("/error/param").textValue()).isEqualTo(field);
  }
}
