package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.JSON;
import static io.penstock.embedded.simulator.TestingSimulator.message;
import static io.penstock.embedded.simulator.TestingSimulator.prose;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.embedded.simulator.TestingSimulator.Reply;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Amounts are worked out by hand: claude-test costs 1.5 in and 7.5 out a million in a batch. */
class AnthropicBatchesTest {
  private static final String PATH = "/v1/messages/batches";
  private final TestingSimulator simulator = TestingSimulator.atOnce();

  @BeforeEach
  void takeNoTime() throws IOException {
    simulator.planBatches("{}");
  }

  @AfterEach
  void stop() {
    simulator.close();
  }

  private static ObjectNode question(int n) {
    return message("claude-test", prose(96) + "dam " + n).put("max_tokens", 10);
  }

  private static ObjectNode requests(int count) {
    ObjectNode body = JSON.createObjectNode();
    for (int n = 0; n < count; n++) {
      body.withArray("requests").addObject().put("custom_id", "q" + n).set("params", question(n));
    }
    return body;
  }

  private String start(JsonNode body) throws IOException {
    Reply reply = simulator.post(PATH, body.toString());
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return reply.json().path("id").textValue();
  }

  private JsonNode ended(String id) {
    return simulator.await(PATH + "/" + id, "processing_status", "ended");
  }

  private Map<String, JsonNode> results(String id) throws IOException {
    return simulator.lines(PATH + "/" + id + "/results");
  }

  @Test
  void eachResultHoldsWhatTheSameCallWouldGetByItself() throws IOException {
    String id = start(requests(3));
    JsonNode batch = ended(id);
    // 3 × (102 × 1.5 + 10 × 7.5) millionths
    assertThat(simulator.cost()).isEqualByComparingTo("0.000684");
    JsonNode alone = simulator.message(question(2)).json();

    JsonNode result = requireNonNull(results(id).get("q2")).path("result");
    assertThat(result.path("type").textValue()).isEqualTo("succeeded");
    assertThat(result.at("/message/content")).isEqualTo(alone.path("content"));
    assertThat(result.at("/message/usage/service_tier").textValue()).isEqualTo("batch");
    assertThat(batch.at("/request_counts/succeeded").intValue()).isEqualTo(3);
    assertThat(batch.path("results_url").textValue())
        .isEqualTo(simulator.url(PATH + "/" + id + "/results"));
  }

  @Test
  void nothingIsCountedUntilTheBatchHasEnded() throws IOException {
    simulator.planBatches("{\"per_item_ms\": 10000}");
    String id = start(requests(2));

    JsonNode batch = simulator.get(PATH + "/" + id).json();
    assertThat(batch.path("processing_status").textValue()).isEqualTo("in_progress");
    assertThat(batch.path("results_url").isNull()).isTrue();
    assertThat(batch.at("/request_counts/succeeded").intValue()).isZero();
    assertThat(simulator.get(PATH + "/" + id + "/results").status()).isEqualTo(404);
    assertThat(simulator.delete(PATH + "/" + id).status()).isEqualTo(400);
  }

  @Test
  void whatIsWrongWithACallIsToldWithItsResult() throws IOException {
    ObjectNode body = requests(1);
    ObjectNode wrong =
        (ObjectNode)
            body.withArray("requests").addObject().put("custom_id", "w").set("params", question(1));
    ((ObjectNode) wrong.path("params")).remove("max_tokens");
    body.withArray("requests")
        .addObject()
        .put("custom_id", "s")
        .set("params", question(1).put("stream", true));

    String id = start(body);
    JsonNode batch = ended(id);

    assertThat(batch.at("/request_counts/errored").intValue()).isEqualTo(2);
    JsonNode result = requireNonNull(results(id).get("w")).path("result");
    assertThat(result.path("type").textValue()).isEqualTo("errored");
    assertThat(result.at("/error/type").textValue()).isEqualTo("error");
    assertThat(result.at("/error/error/type").textValue()).isEqualTo("invalid_request_error");
    // Only the first: 102 × 1.5 + 10 × 7.5 millionths
    assertThat(simulator.cost()).isEqualByComparingTo("0.000228");
  }

  @Test
  void whatExpiresSaysSo() throws IOException {
    simulator.planBatches("{\"expire\": 1, \"expire_after\": 0.5}");
    String id = start(requests(4));
    JsonNode batch = ended(id);

    assertThat(batch.at("/request_counts/succeeded").intValue()).isEqualTo(2);
    assertThat(batch.at("/request_counts/expired").intValue()).isEqualTo(2);
    assertThat(results(id).values())
        .filteredOn(line -> line.at("/result/type").textValue().equals("expired"))
        .hasSize(2);
    assertThat(simulator.cost()).isEqualByComparingTo("0.000456");
  }

  @Test
  void whatIsCancelledSaysSo() throws IOException {
    simulator.planBatches("{\"per_batch_ms\": 600000}");
    String id = start(requests(2));
    JsonNode cancelling = simulator.post(PATH + "/" + id + "/cancel", "").json();
    JsonNode batch = ended(id);

    assertThat(cancelling.path("processing_status").textValue())
        .isIn("canceling", "ended"); // It takes no time.
    assertThat(batch.at("/request_counts/canceled").intValue()).isEqualTo(2);
    assertThat(requireNonNull(results(id).get("q0")).at("/result/type").textValue())
        .isEqualTo("canceled");
    assertThat(simulator.delete(PATH + "/" + id).json().path("type").textValue())
        .isEqualTo("message_batch_deleted");
    assertThat(simulator.get(PATH + "/" + id).status()).isEqualTo(404);
  }

  @Test
  void resultsAreArchivedWhenTheirTimeIsOver() throws IOException {
    simulator.planBatches("{\"kept_ms\": 0}");
    String id = start(requests(1));
    JsonNode batch = ended(id);

    assertThat(batch.path("results_url").isNull()).isTrue();
    assertThat(batch.path("archived_at").textValue()).isNotBlank();
    assertThat(simulator.get(PATH + "/" + id + "/results").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ | not JSON",
        "{\"requests\": []} | requests: give a list",
        "{\"requests\": [{\"custom_id\": \"a:b\", \"params\": {}}]} | requests.0.custom_id: String",
        "{\"requests\": [{\"custom_id\": \"a\", \"params\": {}},"
            + " {\"custom_id\": \"a\", \"params\": {}}]} | requests.1.custom_id: 'a' is not unique",
        "{\"requests\": [{\"custom_id\": \"a\"}]} | requests.0.params: Field required",
      })
  void aBodyThatIsWrongIsRefusedAtOnce(String body, String message) throws IOException {
    Reply reply = simulator.post(PATH, body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().at("/error/message").textValue()).contains(message);
    assertThat(simulator.get(PATH).json().path("data")).isEmpty();
  }

  @Test
  void batchesAreListedInBothDirections() throws IOException {
    String first = start(requests(1));
    String second = start(requests(1));
    String third = start(requests(1));

    JsonNode older = simulator.get(PATH + "?limit=1&after_id=" + third).json();
    JsonNode newer = simulator.get(PATH + "?limit=5&before_id=" + first).json();

    assertThat(older.at("/data/0/id").textValue()).isEqualTo(second);
    assertThat(older.path("has_more").booleanValue()).isTrue();
    assertThat(newer.path("data"))
        .extracting(batch -> batch.path("id").textValue())
        .containsExactly(third, second);
    assertThat(newer.path("has_more").booleanValue()).isFalse();
  }
}
