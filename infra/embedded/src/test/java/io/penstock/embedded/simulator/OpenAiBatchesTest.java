package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.JSON;
import static io.penstock.embedded.simulator.TestingSimulator.chat;
import static io.penstock.embedded.simulator.TestingSimulator.prose;
import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.embedded.simulator.TestingSimulator.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Amounts are worked out by hand: gpt-test costs 0.125, 0.0125 and 1 a million in a batch. */
class OpenAiBatchesTest {
  private static final String CHAT = "/v1/chat/completions";
  private final TestingSimulator simulator = TestingSimulator.atOnce();

  @BeforeEach
  void takeNoTime() throws IOException {
    simulator.planBatches("{}");
  }

  @AfterEach
  void stop() {
    simulator.close();
  }

  private static String line(String customId, JsonNode body) {
    ObjectNode line = JSON.createObjectNode().put("custom_id", customId).put("method", "POST");
    return line.put("url", CHAT).set("body", body) + "\n";
  }

  private static ObjectNode question(int n) {
    return chat("gpt-test", prose(96) + "dam " + n).put("max_tokens", 10);
  }

  private static String questions(int count) {
    return IntStream.range(0, count).mapToObj(n -> line("q" + n, question(n))).collect(joining());
  }

  private JsonNode finished(String id, String state) {
    return simulator.await("/v1/batches/" + id, "status", state);
  }

  private Map<String, JsonNode> linesOf(JsonNode batch, String field) throws IOException {
    return simulator.lines("/v1/files/" + batch.path(field).textValue() + "/content");
  }

  @Test
  void eachLineHoldsWhatTheSameCallWouldGetByItself() throws IOException {
    JsonNode batch = finished(simulator.startBatch(CHAT, questions(3)), "completed");
    JsonNode alone = simulator.complete(question(1)).json();

    JsonNode line = requireNonNull(linesOf(batch, "output_file_id").get("q1"));
    JsonNode body = line.at("/response/body");
    assertThat(line.path("error").isNull()).isTrue();
    assertThat(line.at("/response/status_code").intValue()).isEqualTo(200);
    assertThat(body.path("choices")).isEqualTo(alone.path("choices"));
    assertThat(body.path("usage")).isEqualTo(alone.path("usage"));
    assertThat(body.path("service_tier").textValue()).isEqualTo("batch");
    assertThat(batch.path("error_file_id").isNull()).isTrue();
    assertThat(batch.at("/request_counts/completed").intValue()).isEqualTo(3);
    assertThat(batch.at("/metadata/seal").textValue()).isEqualTo("7");
    assertThat(batch.at("/usage/output_tokens").intValue()).isEqualTo(30);
  }

  @Test
  void theItemsCostWhatTheCatalogueSaysOfBatches() throws IOException {
    JsonNode batch = finished(simulator.startBatch(CHAT, questions(3)), "completed");

    // An input of 96 + 2 + 4 tokens: 3 × (102 × 0.125 + 10 × 1) = 68.25 millionths
    assertThat(batch.at("/usage/input_tokens").intValue()).isEqualTo(306);
    assertThat(simulator.cost()).isEqualByComparingTo("0.00006825");
    JsonNode stats = simulator.stats();
    assertThat(stats.at("/batches/created").intValue()).isEqualTo(1);
    assertThat(stats.at("/batches/completed").intValue()).isEqualTo(1);
    assertThat(stats.at("/batches/items_answered").intValue()).isEqualTo(3);
    assertThat(stats.at("/batches/cost_pico_usd").longValue()).isEqualTo(68_250_000);
    assertThat(stats.at("/by_model/gpt-test/input_tokens").intValue()).isEqualTo(306);
    assertThat(stats.at("/by_model/gpt-test/batch/cost_usd").textValue()).isEqualTo("0.00006825");
    assertThat(stats.path("calls").intValue()).isZero();
  }

  @Test
  void theItemsShareAPrefixCacheOfTheirOwn() throws IOException {
    ObjectNode long1 = chat("gpt-test", prose(2_000) + "a").put("max_tokens", 10);
    ObjectNode long2 = chat("gpt-test", prose(2_000) + "b").put("max_tokens", 10);
    simulator.complete(long1);
    simulator.delete("/admin/stats");

    finished(simulator.startBatch(CHAT, line("1", long1) + line("2", long2)), "completed");

    // 2005 and then 85 uncached with 1920 read: 250.625 + 10.625 + 24, and 2 × 10 millionths
    assertThat(simulator.cost()).isEqualByComparingTo("0.00030525");
  }

  @Test
  void aPriceForBatchesNeedNotBeHalf() throws IOException {
    ObjectNode long1 = chat("gpt-long", prose(2_000) + "a").put("max_tokens", 10);
    ObjectNode long2 = chat("gpt-long", prose(2_000) + "b").put("max_tokens", 10);

    finished(simulator.startBatch(CHAT, line("1", long1) + line("2", long2)), "completed");

    // 2 × (85 × 2.5 + 10 × 15) + 1920 × 3.125 written + 1920 × 0.26 read: 7224.2 millionths
    assertThat(simulator.stats().at("/batches/cost_pico_usd").longValue())
        .isEqualTo(7_224_200_000L);
  }

  @Test
  void theLinesComeInAnOrderThatTheSeedDecides() throws IOException {
    List<String> first = orderOf(1);
    List<String> again = orderOf(1);
    List<String> other = orderOf(2);

    assertThat(first).hasSize(20).isEqualTo(again).isNotEqualTo(other);
    assertThat(first).isNotEqualTo(IntStream.range(0, 20).mapToObj(n -> "q" + n).toList());
  }

  private List<String> orderOf(int seed) throws IOException {
    simulator.planBatches("{\"seed\": " + seed + "}");
    JsonNode batch = finished(simulator.startBatch(CHAT, questions(20)), "completed");
    return List.copyOf(linesOf(batch, "output_file_id").keySet());
  }

  @Test
  void whatFailsIsToldInTheOtherFileAndCostsNothing() throws IOException {
    simulator.planBatches("{\"fail_rate\": 0.5, \"fail_with\": \"429\", \"seed\": 3}");
    JsonNode batch = finished(simulator.startBatch(CHAT, questions(20)), "completed");

    Map<String, JsonNode> failed = linesOf(batch, "error_file_id");
    assertThat(failed).hasSizeBetween(3, 17);
    assertThat(failed.values())
        .allMatch(line -> line.at("/response/status_code").intValue() == 429)
        .allMatch(
            line -> line.at("/response/body/error/code").textValue().equals("rate_limit_exceeded"));
    assertThat(linesOf(batch, "output_file_id")).hasSize(20 - failed.size());
    JsonNode stats = simulator.stats().path("batches");
    assertThat(stats.path("items_failed").intValue()).isEqualTo(failed.size());
    assertThat(stats.path("cost_pico_usd").longValue())
        .isEqualTo((20 - failed.size()) * 22_750_000L);
  }

  @Test
  void aWrongCallFailsAlone() throws IOException {
    String lines = line("good", question(1)) + line("bad", question(2).put("temperature", 9));
    JsonNode batch = finished(simulator.startBatch(CHAT, lines), "completed");

    assertThat(linesOf(batch, "output_file_id")).containsOnlyKeys("good");
    JsonNode bad = requireNonNull(linesOf(batch, "error_file_id").get("bad"));
    assertThat(bad.at("/response/status_code").intValue()).isEqualTo(400);
    assertThat(bad.at("/response/body/error/param").textValue()).isEqualTo("temperature");
  }

  @Test
  void aBatchThatIsToExpireAnswersItsShareAndIsBilledForIt() throws IOException {
    simulator.planBatches("{\"expire\": 1, \"expire_after\": 0.25}");
    JsonNode batch = finished(simulator.startBatch(CHAT, questions(8)), "expired");
    JsonNode next = finished(simulator.startBatch(CHAT, questions(1)), "completed");

    assertThat(linesOf(batch, "output_file_id")).hasSize(2);
    assertThat(linesOf(batch, "error_file_id").values())
        .hasSize(6)
        .allMatch(line -> line.path("response").isNull())
        .allMatch(line -> line.at("/error/code").textValue().equals("batch_expired"));
    assertThat(next.path("error_file_id").isNull()).isTrue();
    JsonNode stats = simulator.stats().path("batches");
    assertThat(stats.path("expired").intValue()).isEqualTo(1);
    assertThat(stats.path("items_expired").intValue()).isEqualTo(6);
    assertThat(stats.path("cost_pico_usd").longValue()).isEqualTo(3 * 22_750_000L);
  }

  @Test
  void whatDoesNotComeBackWithinTheWindowExpires() throws IOException {
    simulator.planBatches("{\"per_batch_ms\": 600000, \"window_ms\": 20}");
    JsonNode batch = finished(simulator.startBatch(CHAT, questions(2)), "expired");

    assertThat(batch.path("output_file_id").isNull()).isTrue();
    assertThat(linesOf(batch, "error_file_id")).containsOnlyKeys("q0", "q1");
  }

  @Test
  void aCancelledBatchLeavesWhatItHas() throws IOException {
    simulator.planBatches("{\"per_batch_ms\": 600000}");
    String id = simulator.startBatch(CHAT, questions(2));

    JsonNode cancelling = simulator.post("/v1/batches/" + id + "/cancel", "").json();
    JsonNode batch = finished(id, "cancelled");
    Reply again = simulator.post("/v1/batches/" + id + "/cancel", "");

    // It takes no time here: the answer may find it cancelled already.
    assertThat(cancelling.path("status").textValue()).isIn("cancelling", "cancelled");
    assertThat(batch.path("output_file_id").isNull()).isTrue();
    assertThat(again.status()).isEqualTo(409);
    assertThat(simulator.stats().at("/batches/items_cancelled").intValue()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"custom_id\": \"a\"; | invalid_json_line | 2 | ",
        "{\"custom_id\":\"q0\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":"
            + "{\"model\":\"gpt-test\"}} | duplicate_custom_id | 2 | custom_id",
        "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/chat\",\"body\":"
            + "{\"model\":\"gpt-test\"}} | invalid_url | 2 | url",
        "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":"
            + "{\"model\":\"gpt-long\"}} | mismatched_model | 2 | body.model",
        "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":"
            + "{\"model\":\"gpt-none\"}} | model_not_found | 2 | body.model",
      })
  void aFileThatIsWrongFailsAltogether(String line, String code, int number, String param)
      throws IOException {
    JsonNode batch = finished(simulator.startBatch(CHAT, questions(1) + line), "failed");

    JsonNode error = batch.at("/errors/data/0");
    assertThat(error.path("code").textValue()).isEqualTo(code);
    assertThat(error.path("line").intValue()).isEqualTo(number);
    assertThat(error.path("param").textValue()).isEqualTo(param);
    assertThat(error.path("message").textValue()).isNotBlank();
    assertThat(simulator.cost()).isZero();
    assertThat(simulator.stats().at("/batches/failed").intValue()).isEqualTo(1);
  }

  @Test
  void aFileWithoutLinesAndOneWithTooManyFail() throws IOException {
    String short1 = "{\"custom_id\":\"%d\",\"method\":\"POST\",\"url\":\"" + CHAT + "\",\"body\":";
    String many =
        IntStream.rangeClosed(0, OpenAiBatchCheck.MOST_LINES)
            .mapToObj(n -> short1.formatted(n) + "{\"model\":\"gpt-test\"}}\n")
            .collect(joining());

    JsonNode empty = finished(simulator.startBatch(CHAT, "\n\n"), "failed");
    JsonNode full = finished(simulator.startBatch(CHAT, many), "failed");

    assertThat(empty.at("/errors/data/0/code").textValue()).isEqualTo("empty_file");
    assertThat(full.at("/errors/data")).hasSize(1);
    assertThat(full.at("/errors/data/0/code").textValue()).isEqualTo("too_many_tasks");
  }

  @Test
  void aFileOfTooManyBytesIsNotReadAtAll() {
    Instant now = Instant.EPOCH;
    long bytes = OpenAiBatchCheck.MOST_BYTES + 1;
    var file = new StoredFile("f", "f", "batch", Path.of("none"), bytes, now, null);
    var turn = new BatchTurns().next();
    var check =
        new OpenAiBatchCheck(
            new Batch.Order(file, CHAT, null, now, turn), Prices.read(TestingSimulator.prices()));

    assertThat(check.isSmallEnough()).isFalse();
    assertThat(check.found().problems().getFirst().code()).isEqualTo("file_too_large");
  }

  @ParameterizedTest
  @CsvSource({"false, ''", "'\"default\"', default"})
  void anAnswerNamesTheTierThatItIsTold(String said, String tier) throws IOException {
    simulator.planBatches("{\"tier_said\": " + said + "}");
    JsonNode batch = finished(simulator.startBatch(CHAT, questions(1)), "completed");

    JsonNode body = requireNonNull(linesOf(batch, "output_file_id").get("q0")).at("/response/body");
    assertThat(body.path("service_tier").asText()).isEqualTo(tier);
    assertThat(simulator.cost()).isEqualByComparingTo("0.00002275");
  }

  @Test
  void embeddingsComeInBatchesToo() throws IOException {
    String line =
        """
        {"custom_id": "e", "method": "POST", "url": "/v1/embeddings",
         "body": {"model": "text-embedding-test", "input": "dam dam dam dam", "dimensions": 4}}
        """
            .replace("\n", "");
    JsonNode batch = finished(simulator.startBatch("/v1/embeddings", line), "completed");

    JsonNode body = requireNonNull(linesOf(batch, "output_file_id").get("e")).at("/response/body");
    assertThat(body.at("/data/0/embedding")).hasSize(4);
    // Half of 0.02, for 4 tokens
    assertThat(simulator.cost()).isEqualByComparingTo("0.00000004");
  }

  @Test
  void batchesAreListedNewestFirstPageByPage() throws IOException {
    String first = simulator.startBatch(CHAT, questions(1));
    String second = simulator.startBatch(CHAT, questions(1));
    String third = simulator.startBatch(CHAT, questions(1));

    JsonNode page = simulator.get("/v1/batches?limit=2").json();
    JsonNode rest = simulator.get("/v1/batches?limit=2&after=" + second).json();

    assertThat(page.path("data"))
        .extracting(batch -> batch.path("id").textValue())
        .containsExactly(third, second);
    assertThat(page.path("has_more").booleanValue()).isTrue();
    assertThat(rest.path("data"))
        .extracting(batch -> batch.path("id").textValue())
        .containsExactly(first);
    assertThat(rest.path("has_more").booleanValue()).isFalse();
  }

  @Test
  void whatIsKeptForNoTimeCannotBeFetched() throws IOException {
    simulator.planBatches("{\"kept_ms\": 0}");
    JsonNode batch = finished(simulator.startBatch(CHAT, questions(1)), "completed");

    Reply reply =
        simulator.get("/v1/files/" + batch.path("output_file_id").textValue() + "/content");

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.json().at("/error/type").textValue()).isEqualTo("invalid_request_error");
  }

  @ParameterizedTest
  @CsvSource({
    "input_file_id, file-none, 404, id",
    "endpoint, /v1/images, 400, endpoint",
    "completion_window, 1h, 400, completion_window",
  })
  void aWrongOrderIsRefused(String field, String value, int status, String param)
      throws IOException {
    ObjectNode order = JSON.createObjectNode().put("input_file_id", simulator.upload("{}"));
    order.put("endpoint", CHAT).put("completion_window", "24h").put(field, value);

    Reply reply = simulator.post("/v1/batches", order.toString());

    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.json().at("/error/param").textValue()).isEqualTo(param);
  }

  @Test
  void filesAreListedAndDeleted() throws IOException {
    String file = simulator.upload("{}\n");

    assertThat(simulator.get("/v1/files").json().at("/data/0/id").textValue()).isEqualTo(file);
    assertThat(simulator.get("/v1/files?purpose=batch_output").json().path("data")).isEmpty();
    assertThat(simulator.get("/v1/files/" + file + "/content").body()).isEqualTo("{}\n");
    assertThat(simulator.delete("/v1/files/" + file).json().path("deleted").booleanValue())
        .isTrue();
    assertThat(simulator.get("/v1/files/" + file).status()).isEqualTo(404);
  }
}
