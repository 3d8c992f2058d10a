package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Streams in our own words, and what is the same for the streams of every API. */
@ExtendWith(Penstock.Extension.class)
class StreamHttpTest {
  private static Penstock penstock;
  private static Http http;

  @BeforeAll
  static void start(Penstock shared) {
    penstock = shared;
    http = shared.ingress();
  }

  @ParameterizedTest
  @CsvSource({"/v1/inference?stream=true, ''", "/v1/inference, ',\"stream\":true'"})
  void eachPieceIsAnEventAndTheEndIsTheWholeResponse(String path, String field) {
    try (var stream =
        http.stream(path, "{\"prompt\":\"half:one|two " + path + "\"" + field + "}")) {
      assertThat(stream.next().orElseThrow())
          .isEqualTo(
              new Sse.Event(
                  "delta", "{\"choice\":0,\"part\":0,\"kind\":\"text\",\"text\":\"one\"}"));
      penstock.topology.release(stream.id());
      var rest = stream.rest();
      assertThat(rest).extracting(Sse.Event::name).containsExactly("delta", "delta", "done");
      var done = rest.getLast().json();
      assertThat(done.get("id").asText()).isEqualTo(stream.id());
      assertThat(done.get("text").asText()).startsWith("onetwo ").endsWith(" released");
      assertThat(done.get("cost_usd").asText()).isEqualTo("0.00000125");
      assertThat(done.get("served_by").asText()).isEqualTo("provider");
    }
  }

  @Test
  void theTopologyIsToldThatPiecesAreWanted() {
    http.stream("/v1/inference?stream=true", "{\"prompt\":\"pieces:wanted\"}").close();
    http.infer("{\"prompt\":\"pieces:unwanted\"}");
    assertThat(penstock.topology.dispatched("pieces:wanted").getFirst().getStream()).isTrue();
    assertThat(penstock.topology.dispatched("pieces:unwanted").getFirst().getStream()).isFalse();
  }

  @Test
  void aStreamUnderAnIdempotencyKeyIsReplayed() {
    String body = "{\"prompt\":\"pieces:once|only\",\"stream\":true}";
    try (var first = http.stream("/v1/inference", body, "Idempotency-Key", "stream-once")) {
      assertThat(first.rest().getLast().json().get("text").asText()).isEqualTo("onceonly");
    }
    try (var again = http.stream("/v1/inference", body, "Idempotency-Key", "stream-once")) {
      var all = again.rest();
      assertThat(all).extracting(Sse.Event::name).containsExactly("delta", "done");
      assertThat(again.header("x-penstock-cost")).isPresent();
    }
    assertThat(penstock.topology.dispatched("pieces:once|only")).hasSize(1);
  }

  @Test
  void aStreamInWhichNothingHappensShowsThatItIsAlive() {
    try (var quick = ingress(Disconnect.DRAIN)) {
      try (var stream =
          quick.stream("/v1/inference", "{\"prompt\":\"hold alive\",\"stream\":true}")) {
        assertThat(stream.next().orElseThrow().name()).isEqualTo(":");
        assertThat(stream.next().orElseThrow().name()).isEqualTo(":");
        penstock.topology.release(stream.id());
        assertThat(stream.rest()).extracting(Sse.Event::name).containsExactly("delta", "done");
      }
    }
  }

  @Test
  void aStreamThatWaitedForAsLongAsItMayEndsWithAnError() {
    // A deadline that passes before anything has come is told otherwise.
    List<Sse.Event> all = List.of();
    for (int deadline = 700; deadline < 60_000 && !begins(all); deadline *= 3) {
      String body = "{\"prompt\":\"half:begun|\",\"stream\":true,\"deadline_ms\":" + deadline + "}";
      try (var stream = http.stream("/v1/inference", body)) {
        all = stream.status() == 200 ? stream.rest() : List.of();
      }
    }
    assertThat(all.getFirst().name()).isEqualTo("delta");
    assertThat(all.getLast().name()).isEqualTo("error");
    assertThat(all.getLast().json().at("/error/code").asText()).isEqualTo("deadline_exceeded");
  }

  private static boolean begins(List<Sse.Event> events) {
    return !events.isEmpty() && events.getFirst().name().equals("delta");
  }

  @Test
  void aStreamEndsWithAnErrorWhenTheInstanceStops() {
    var stopping = penstock.unhurried();
    try (var stream =
        stopping.stream("/v1/inference", "{\"prompt\":\"half:stops|\",\"stream\":true}")) {
      assertThat(stream.next().orElseThrow().name()).isEqualTo("delta");
      var stopped = CompletableFuture.runAsync(stopping::close);
      var all = stream.rest();
      assertThat(stopped).succeedsWithin(Penstock.SOON);
      assertThat(all.getLast().name()).isEqualTo("error");
      assertThat(all.getLast().json().at("/error/code").asText()).isEqualTo("unavailable");
      assertThat(all.getLast().json().at("/error/message").asText()).contains(stream.id());
    }
  }

  @Test
  void whatIsAskedInABatchIsNotStreamed() {
    var got = http.post("/v1/batch", "{\"requests\":[{\"prompt\":\"x\",\"stream\":true}]}");
    assertThat(got.status()).isEqualTo(400);
    assertThat(got.field()).isEqualTo("requests[0].stream");
  }

  @Test
  void ourOwnApiKnowsToolsAndFormatsToo() {
    var got =
        http.infer(
            """
            {"messages":[{"role":"user","content":[{"type":"text","text":"own tools"}]}],
             "tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required",
             "response_format":{"type":"json_object"},"top_p":0.5,"stop":"END",
             "cache":"max-age=5","service_tier":"flex"}
            """);
    assertThat(got.status()).as(got.body()).isEqualTo(200);
    var asked = penstock.topology.dispatched("own tools").getFirst();
    assertThat(asked.getOptions().getTools().getFirst().getName()).isEqualTo("f");
    assertThat(asked.getOptions().getResponseFormat().getType()).isEqualTo("json_object");
    assertThat(asked.getCache().getMaxAgeMs()).isEqualTo(5_000);
    assertThat(asked.getServiceTier()).isEqualTo("flex");
  }

  @Test
  void ourOwnAnswerHasToolCallsAndThoughtsWhereThereAreAny() {
    var json = http.infer("{\"prompt\":\"call: own\"}").json();
    assertThat(json.at("/parts/0/kind").asText()).isEqualTo("reasoning");
    assertThat(json.at("/parts/2/name").asText()).isEqualTo("weather");
    assertThat(json.at("/parts/2/arguments").asText()).isEqualTo("{\"city\":\"Zürich\"}");
    assertThat(json.at("/dropped/0").asText()).isEqualTo("top_k");
  }

  static Http ingress(Disconnect onDisconnect) {
    String name = Penstock.newName();
    return penstock.ingress(
        new IngressSettings(
            name,
            IngressSettings.LOOPBACK,
            0,
            penstock.directory(name),
            IngressSettings.LONGEST_WAIT,
            IngressSettings.DELIVERY_TIMEOUT,
            ApiKeys.none(),
            Bounds.usual(),
            onDisconnect,
            Duration.ofMillis(100)));
  }
}
