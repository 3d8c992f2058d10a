package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.JSON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.embedded.simulator.TestingSimulator.Reply;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddingsTest {
  private static final String PATH = "/v1/embeddings";
  private final TestingSimulator simulator = TestingSimulator.atOnce();

  @AfterEach
  void stop() {
    simulator.close();
  }

  private static ObjectNode of(String... texts) {
    ObjectNode body = JSON.createObjectNode().put("model", "text-embedding-test");
    if (texts.length == 1) {
      return body.put("input", texts[0]);
    }
    for (String text : texts) {
      body.withArray("input").add(text);
    }
    return body;
  }

  private JsonNode embed(ObjectNode body) throws IOException {
    return simulator.post(PATH, body.toString()).json();
  }

  @Test
  void aTextHasTheSameVectorOfLengthOneWhereverItStands() throws IOException {
    JsonNode alone = embed(of("dam"));
    JsonNode among = embed(of("gate", "dam"));

    JsonNode vector = alone.at("/data/0/embedding");
    assertThat(vector).hasSize(1_536);
    assertThat(among.at("/data/1/embedding")).isEqualTo(vector);
    assertThat(among.at("/data/0/embedding")).isNotEqualTo(vector);
    assertThat(among.at("/data/1/index").intValue()).isEqualTo(1);
    double square = 0;
    for (JsonNode number : vector) {
      square += number.doubleValue() * number.doubleValue();
    }
    assertThat(square).isCloseTo(1, within(1e-5));
  }

  @Test
  void base64IsTheSameVectorAsBytes() throws IOException {
    JsonNode numbers = embed(of("dam").put("dimensions", 8)).at("/data/0/embedding");

    String text =
        embed(of("dam").put("dimensions", 8).put("encoding_format", "base64"))
            .at("/data/0/embedding")
            .textValue();

    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(text)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(numbers).hasSize(8);
    numbers.forEach(number -> assertThat(bytes.getFloat()).isEqualTo(number.floatValue()));
    assertThat(bytes.hasRemaining()).isFalse();
  }

  @Test
  void theTextsAreCountedAndBilledByThePriceOfInput() throws IOException {
    JsonNode usage = embed(of("dam ".repeat(100), "gate")).path("usage");

    assertThat(usage).isEqualTo(JSON.readTree("{\"prompt_tokens\":101,\"total_tokens\":101}"));
    // 101 × 0.02 millionths
    assertThat(simulator.cost()).isEqualByComparingTo("0.00000202");
    JsonNode stats = simulator.statsOf("text-embedding-test");
    assertThat(stats.path("input_tokens").intValue()).isEqualTo(101);
    assertThat(stats.path("output_tokens").intValue()).isZero();
  }

  @Test
  void tokensMayComeAsNumbers() throws IOException {
    ObjectNode body = of("x");
    body.putArray("input").add(17).add(18).add(19);

    JsonNode json = embed(body);

    assertThat(json.path("data")).hasSize(1);
    assertThat(json.at("/usage/prompt_tokens").intValue()).isEqualTo(3);
  }

  @Test
  void aLargeModelHasLongerVectors() throws IOException {
    assertThat(embed(of("dam").put("model", "text-embedding-large")).at("/data/0/embedding"))
        .hasSize(3_072);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"model\": \"gpt-test\", \"input\": \"a\"} | model",
        "{\"model\": \"text-embedding-test\"} | input",
        "{\"model\": \"text-embedding-test\", \"input\": \"\"} | input",
        "{\"model\": \"text-embedding-test\", \"input\": []} | input",
        "{\"model\": \"text-embedding-test\", \"input\": \"a\", \"dimensions\": 1537} | dimensions",
        "{\"model\": \"text-embedding-test\", \"input\": \"a\", \"encoding_format\": \"hex\"}"
            + " | encoding_format",
      })
  void aWrongRequestIsRefusedWithItsField(String body, String field) throws IOException {
    Reply reply = simulator.post(PATH, body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().at("/error/param").textValue()).isEqualTo(field);
  }
}
