package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.KafkaConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Penstock.Extension.class)
class BatchHttpTest {
  private static Penstock penstock;
  private static Http http;

  @BeforeAll
  static void start(Penstock shared) {
    penstock = shared;
    http = shared.ingress();
  }

  @Test
  void idsComeInTheOrderOfTheBatchAndLeadToTheAnswers() {
    var got = http.post("/v1/batch", batch(prompts("batched ", 50)));
    assertThat(got.status()).as(got.body()).isEqualTo(202);
    var ids = ids(got);
    assertThat(ids).hasSize(50).doesNotHaveDuplicates();
    for (int i = 0; i < 50; i++) {
      String text = "answer to batched " + i;
      String path = "/v1/requests/" + ids.get(i);
      Awaitility.await()
          .pollDelay(Duration.ZERO)
          .until(() -> http.get(path).json().path("response").path("text").asText(), text::equals);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"application/x-ndjson", "application/jsonl; charset=utf-8", "text/plain", "x/y"})
  void aBatchMayBeLines(String type) {
    String lines = "\n" + prompts("lined ", 3).collect(Collectors.joining("\r\n")) + "\n   \n";
    var got = http.post("/v1/batch?wait=20", lines, "Content-Type", type);
    assertThat(got.status()).as(got.body()).isEqualTo(200);
    assertThat(got.json().get("responses").findValuesAsText("text"))
        .containsExactly("answer to lined 0", "answer to lined 1", "answer to lined 2");
  }

  @Test
  void aWaitEndsWithWhatHasComeByThen() {
    int wait = 700;
    var got = waitingFor(wait);
    while (!got.body().matches(".*\"answered\".*\"failed\".*") && wait < 30_000) {
      wait *= 4;
      got = waitingFor(wait);
    }
    assertThat(got.status()).as(got.body()).isEqualTo(200);
    var responses = got.json().get("responses");
    assertThat(responses.findValuesAsText("status"))
        .containsExactly("answered", "accepted", "failed");
    assertThat(responses.get(0).get("response").get("text").asText()).isEqualTo("answer to quick");
    assertThat(responses.get(1).size()).isEqualTo(2);
    assertThat(responses.get(2).get("error").get("code").asText()).isEqualTo("provider_error");
    assertThat(responses.get(2).has("response")).isFalse();
  }

  private static Http.Got waitingFor(int millis) {
    return http.post(
        "/v1/batch?wait=" + millis + "ms",
        batch(
            Stream.of(
                "{\"prompt\":\"quick\"}",
                "{\"prompt\":\"hold this one\"}",
                "{\"prompt\":\"fail:provider_error\"}")));
  }

  @Test
  void aRequestThatNamesNoLaneIsOnTheBatchLane() {
    http.post(
        "/v1/batch?wait=20s",
        batch(
            Stream.of(
                "{\"prompt\":\"no hurry\"}", "{\"prompt\":\"hurry\",\"priority\":\"express\"}")));
    var unhurried = penstock.topology.dispatched("no hurry").getFirst();
    assertThat(unhurried.getDeadlineAt()).isEqualTo(unhurried.getAcceptedAt().plusSeconds(86_400));
    var hurried = penstock.topology.dispatched("hurry").getFirst();
    assertThat(hurried.getDeadlineAt()).isEqualTo(hurried.getAcceptedAt().plusSeconds(30));
  }

  @Test
  void oneBadRequestSpoilsTheBatchAndIsNamed() {
    var got =
        http.post(
            "/v1/batch",
            batch(
                Stream.of(
                    "{\"prompt\":\"good but spoilt\"}",
                    "{\"prompt\":\"x\"}",
                    "{\"prompt\":\"x\"}",
                    "{\"prompt\":\"x\",\"temperature\":9}")));
    assertThat(got.status()).isEqualTo(400);
    assertThat(got.error()).isEqualTo("invalid_value");
    assertThat(got.field()).isEqualTo("requests[3].temperature");
    http.infer("{\"prompt\":\"after the spoilt batch\"}");
    assertThat(penstock.topology.dispatched("good but spoilt")).isEmpty();
  }

  static Stream<String[]> badBatches() {
    return Stream.of(
        bad("", "application/json", "malformed_json", ""),
        bad("[]", "application/json", "wrong_type", ""),
        bad("{}", "application/json", "missing_field", "requests"),
        bad("{\"requests\":[]}", "application/json", "invalid_value", "requests"),
        bad("{\"requests\":{}}", "application/json", "wrong_type", "requests"),
        bad("{\"requests\":[1]}", "application/json", "wrong_type", "requests[0]"),
        bad(
            "{\"requests\":[{}],\"x\":1}",
            "application/json",
            "missing_field",
            "requests[0].prompt"),
        bad("{\"x\":1,\"requests\":[]}", "application/json", "unknown_field", "x"),
        bad("{\"requests\":[{\"prompt\":\"a\"}]} {}", "application/json", "malformed_json", ""),
        bad(
            "{\"requests\":[{\"prompt\":\"a\",\"b\":1}]}",
            "application/json",
            "unknown_field",
            "requests[0].b"),
        bad("\n\n", "text/plain", "invalid_value", "requests"),
        bad("{\"prompt\":\"a\"}\n{\"prompt\":1}", "text/plain", "wrong_type", "requests[1].prompt"),
        bad("{\"prompt\":\"a\"}\n[]", "text/plain", "wrong_type", "requests[1]"),
        bad("{\"prompt\":\"a\"}\n{\"prompt\":", "text/plain", "malformed_json", ""));
  }

  private static String[] bad(String body, String type, String code, String field) {
    return new String[] {body, type, code, field};
  }

  @ParameterizedTest
  @MethodSource
  void badBatches(String body, String type, String code, String field) {
    var got = http.post("/v1/batch", body, "Content-Type", type);
    assertThat(got.status()).as(got.body()).isEqualTo(400);
    assertThat(got.error()).as(got.body()).isEqualTo(code);
    assertThat(got.field()).as(got.body()).isEqualTo(field);
  }

  @Test
  void aMalformedLineIsNamedByItsNumber() {
    var got =
        http.post("/v1/batch", "{\"prompt\":\"a\"}\n\n{oops}\n", "Content-Type", "text/plain");
    assertThat(got.json().get("error").get("message").asText()).contains("line 3");
  }

  @ParameterizedTest
  @CsvSource({"soon", "-1", "1.5", "10d", "yes", "9999999999"})
  void aWaitThatIsNoTimeIsRefused(String wait) {
    var got = http.post("/v1/batch?wait=" + wait, batch(prompts("x", 1)));
    assertThat(got.status()).isEqualTo(400);
    assertThat(got.field()).isEqualTo("wait");
  }

  @ParameterizedTest
  @ValueSource(strings = {"wait", "wait=", "wait=true"})
  void whoeverOnlySaysThatItWaitsWaitsForAll(String wait) {
    var got = http.post("/v1/batch?" + wait, batch(prompts("simply " + wait, 2)));
    assertThat(got.status()).as(got.body()).isEqualTo(200);
    assertThat(got.json().get("responses").findValuesAsText("status"))
        .containsExactly("answered", "answered");
  }

  @Test
  void whoeverSaysThatItDoesNotWaitGetsTheIds() {
    var got = http.post("/v1/batch?wait=false", batch(prompts("not waiting ", 2)));
    assertThat(got.status()).as(got.body()).isEqualTo(202);
  }

  @Test
  void aBatchBeyondFiftyThousandRequestsIsRefused() {
    String one = "{\"prompt\":\"x\"}\n";
    var got = http.post("/v1/batch", one.repeat(50_001), "Content-Type", "text/plain");
    assertThat(got.status()).isEqualTo(400);
    assertThat(got.field()).isEqualTo("requests");
  }

  @Test
  void ofABatchThatIsStoredInPartTheCallerHearsWhichPart() {
    var picky = picky();
    var got = picky.post("/v1/batch", batch(middleTooLarge("partly ")));
    assertThat(got.status()).as(got.body()).isEqualTo(202);
    var ids = got.json().get("ids");
    assertThat(ids).hasSize(3);
    assertThat(ids.get(1).isNull()).isTrue();
    var errors = got.json().get("errors");
    assertThat(errors).hasSize(1);
    assertThat(errors.get(0).get("index").asInt()).isEqualTo(1);
    assertThat(errors.get(0).get("error").get("field").asText()).isEqualTo("requests[1]");
    assertThat(errors.get(0).get("error").get("message").asText())
        .contains("could not be stored")
        .contains("Idempotency-Key");
    for (int accepted : new int[] {0, 2}) {
      String path = "/v1/requests/" + ids.get(accepted).asText();
      Awaitility.await()
          .until(
              () -> picky.get(path).json().path("response").path("text").asText(),
              ("answer to partly " + accepted)::equals);
    }
  }

  @Test
  void ofABatchThatIsStoredInPartAWaitBringsTheAnswersOfThatPart() {
    var got = picky().post("/v1/batch?wait=20", batch(middleTooLarge("awaited ")));
    assertThat(got.status()).as(got.body()).isEqualTo(200);
    var responses = got.json().get("responses");
    assertThat(responses.findValuesAsText("status"))
        .containsExactly("answered", "not_accepted", "answered");
    assertThat(responses.get(1).get("id").isNull()).isTrue();
    assertThat(responses.get(1).get("error").get("code").asText()).isEqualTo("internal_error");
  }

  @Test
  void aBatchOfWhichNothingIsStoredFailsAsAWhole() {
    var got = picky().post("/v1/batch", batch(middleTooLarge("none ").skip(1).limit(1)));
    assertThat(got.status()).as(got.body()).isEqualTo(500);
    assertThat(got.field()).isEqualTo("requests[0]");
    assertThat(got.body()).doesNotContain("ids");
  }

  /** An instance whose producer takes no large record. */
  private static Http picky() {
    String name = Penstock.newName();
    return penstock.ingress(
        IngressSettings.of(name, 0, penstock.directory(name)),
        new KafkaConnection(penstock.kafka.bootstrapServers(), Map.of("max.request.size", "20000")),
        Ingress.GRACE);
  }

  private static Stream<String> middleTooLarge(String prefix) {
    return IntStream.range(0, 3)
        .mapToObj(i -> "{\"prompt\":\"" + prefix + i + (i == 1 ? "x".repeat(30_000) : "") + "\"}");
  }

  @Test
  void aBatchUnderAKeyMayBeSentAgain() {
    var body = batch(prompts("again ", 5));
    var first = ids(http.post("/v1/batch", body, "Idempotency-Key", "batch-key"));
    var again = http.post("/v1/batch?wait=20", body, "Idempotency-Key", "batch-key");
    assertThat(again.json().get("responses").findValuesAsText("text"))
        .containsExactly(
            IntStream.range(0, 5).mapToObj(i -> "answer to again " + i).toArray(String[]::new));
    assertThat(first)
        .containsExactlyElementsOf(
            IntStream.range(0, 5)
                .mapToObj(i -> again.json().get("responses").get(i).get("id").asText())
                .toList());
    assertThat(penstock.topology.dispatched("again 3")).hasSize(1);
  }

  private static List<String> ids(Http.Got got) {
    var ids = new ArrayList<String>();
    for (JsonNode id : got.json().get("ids")) {
      ids.add(id.asText());
    }
    return ids;
  }

  private static Stream<String> prompts(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> "{\"prompt\":\"" + prefix + i + "\"}");
  }

  private static String batch(Stream<String> requests) {
    return "{\"requests\":[" + requests.collect(Collectors.joining(",")) + "]}";
  }
}
