package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.schemas.Limits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(Penstock.Extension.class)
class InferenceHttpTest {
  private static Penstock penstock;
  private static Http http;

  @BeforeAll
  static void start(Penstock shared) {
    penstock = shared;
    http = shared.ingress();
  }

  @Test
  void anAnswerComesBackInTheIssuesShape() {
    var got = http.infer("{\"prompt\":\"hello\"}");
    assertThat(got.status()).as(got.body()).isEqualTo(200);
    var json = got.json();
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly(
            "id",
            "text",
            "model",
            "provider",
            "finish_reason",
            "served_by",
            "usage",
            "cost_usd",
            "avoided_usd",
            "latency_ms");
    assertThat(json.get("id").asText()).isEqualTo(got.id());
    assertThat(json.get("text").asText()).isEqualTo("answer to hello");
    assertThat(json.get("model").asText()).isEqualTo("small");
    assertThat(json.get("provider").asText()).isEqualTo("simulator");
    assertThat(json.get("finish_reason").asText()).isEqualTo("stop");
    assertThat(json.get("served_by").asText()).isEqualTo("provider");
    assertThat(json.get("cost_usd").isTextual()).isTrue();
    assertThat(json.get("cost_usd").asText()).isEqualTo("0.00000125");
    assertThat(json.get("avoided_usd").asText()).isEqualTo("0");
    assertThat(json.get("latency_ms").isIntegralNumber()).isTrue();
    assertThat(json.get("usage").toString())
        .isEqualTo(
            "{\"input_tokens\":10,\"output_tokens\":5,\"cache_read_tokens\":3,"
                + "\"cache_write_tokens\":3,\"reasoning_tokens\":4}");
  }

  @Test
  void everythingACallerSaysReachesTheTopology() {
    var got =
        http.infer(
            """
            {"messages":[{"role":"system","content":"be brief"},{"role":"user","content":"all said"}],
             "model":"large","max_tokens":7,"temperature":0.5,"priority":"express","use_cache":false,
             "deadline_ms":20000,"metadata":{"team":"blue"}}
            """);
    assertThat(got.status()).as(got.body()).isEqualTo(200);
    var request = penstock.topology.dispatched("all said").getFirst();
    assertThat(request.getMessages()).hasSize(2);
    assertThat(request.getModel()).isEqualTo("large");
    assertThat(request.getMaxTokens()).isEqualTo(7);
    assertThat(request.getTemperature()).isEqualTo(0.5);
    assertThat(request.getUseCache()).isFalse();
    assertThat(request.getMetadata()).containsEntry("team", "blue");
    assertThat(request.getTenant()).isEqualTo("default");
    assertThat(request.getDeadlineAt()).isEqualTo(request.getAcceptedAt().plusSeconds(20));
  }

  @Test
  void aCallerWhoseDeadlinePassesGetsAnIdAndFindsTheAnswerLater() {
    var got = http.postUntilStored("/v1/inference", "{\"prompt\":\"hold on\",\"deadline_ms\":400}");
    assertThat(got.status()).as(got.body()).isEqualTo(202);
    var id = got.json().get("id").asText();
    assertThat(got.json().get("status").asText()).isEqualTo("accepted");
    assertThat(got.header("Location")).contains("/v1/requests/" + id);
    assertThat(http.get("/v1/requests/" + id).json().toString())
        .isEqualTo(
            "{\"id\":\"" + id + "\",\"status\":\"accepted\",\"response\":null,\"error\":null}");
    penstock.topology.release(id);
    Awaitility.await()
        .untilAsserted(() -> {
          var later = http.get("/v1/requests/" + id).json();
          assertThat(later.get("status").asText()).isEqualTo("answered");
          assertThat(later.get("response").get("text").asText()).isEqualTo("released");
        });
  }

  @ParameterizedTest
  @CsvSource({
    "rate_limited, 429, true",
    "provider_overloaded, 503, true",
    "provider_error, 502, false",
    "provider_timeout, 504, false",
    "answer_garbled, 502, false",
    "deadline_exceeded, 504, false",
  })
  void aFailureHasItsReasonItsStatusAndItsId(String code, int status, boolean comeBack) {
    var got = http.infer("{\"prompt\":\"fail:" + code + "\"}");
    assertThat(got.status()).isEqualTo(status);
    assertThat(got.error()).isEqualTo(code);
    assertThat(got.json().get("error").get("retryable").asBoolean())
        .isEqualTo(Reason.ofCode(code).orElseThrow().retryable());
    assertThat(got.json().get("error").get("id").asText()).isEqualTo(got.id());
    assertThat(got.header("Retry-After").isPresent()).isEqualTo(comeBack);
    var known = http.get("/v1/requests/" + got.id()).json();
    assertThat(known.get("status").asText()).isEqualTo("failed");
    assertThat(known.get("response").isNull()).isTrue();
    assertThat(known.get("error").get("code").asText()).isEqualTo(code);
  }

  static Stream<String[]> badInput() {
    return BadInput.table();
  }

  @ParameterizedTest
  @MethodSource
  void badInput(String body, String code, String field) {
    var got = http.infer(body);
    assertThat(got.status()).as(got.body()).isEqualTo(400);
    assertThat(got.error()).as(got.body()).isEqualTo(code);
    assertThat(got.field()).as(got.body()).isEqualTo(field);
    assertThat(got.json().get("error").get("message").asText()).isNotBlank();
    assertThat(got.json().get("error").get("retryable").asBoolean()).isFalse();
  }

  @Test
  void aPromptOfTheLargestSizePassesEvenFullyEscaped() {
    int characters = (Limits.LARGEST_TEXT_BYTES - "user".length()) / 2;
    String prompt = "é".repeat(characters);
    String escaped = "\\u00e9".repeat(characters);
    var got = http.infer("{\"prompt\":\"" + escaped + "\"}");
    assertThat(got.status()).isEqualTo(200);
    assertThat(got.json().get("text").asText()).isEqualTo("answer to " + prompt);
  }

  @Test
  void aPromptBeyondTheLargestSizeIsRefusedWithItsSize() {
    var got = http.infer("{\"prompt\":\"" + "x".repeat(4 * 1024 * 1024 + 1) + "\"}");
    assertThat(got.status()).isEqualTo(400);
    assertThat(got.error()).isEqualTo("prompt_too_large");
    assertThat(got.field()).isEqualTo("prompt");
  }

  @Test
  void messagesBeyondTheLargestSizeAreNamedAsMessages() {
    var got =
        http.infer(
            "{\"messages\":[{\"role\":\"user\",\"content\":\""
                + "x".repeat(4 * 1024 * 1024 + 1)
                + "\"}]}");
    assertThat(got.error()).isEqualTo("prompt_too_large");
    assertThat(got.field()).isEqualTo("messages");
  }

  @Test
  void aBodyBeyondTheLimitIsRefused() {
    var got = http.post("/v1/inference", new byte[25 * 1024 * 1024 + 1]);
    assertThat(got.status()).isEqualTo(413);
    assertThat(got.error()).isEqualTo("body_too_large");
  }

  /** Such a caller would find its connection reset where nobody read on. */
  @Test
  void aCallerThatSendsAllOfATooLargeBodyBeforeItReadsIsToldWhy() throws IOException {
    int length = 25 * 1024 * 1024 + 1;
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), http.port())) {
      var out = socket.getOutputStream();
      String head =
          "POST /v1/inference HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ";
      out.write((head + length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      byte[] part = new byte[64 * 1024];
      for (int sent = 0; sent < length; sent += part.length) {
        out.write(part, 0, Math.min(part.length, length - sent));
      }
      String told = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(told).startsWith("HTTP/1.1 413 ").contains("body_too_large");
    }
  }

  @Test
  void aCallerThatAsksFirstIsToldBeforeItSendsATooLargeBody() throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), http.port())) {
      String head =
          "POST /v1/inference HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
              + "Expect: 100-continue\r\nContent-Length: 26214401\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.setSoTimeout((int) Penstock.SOON.toMillis());
      String told = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(told).startsWith("HTTP/1.1 413 ").contains("body_too_large");
    }
  }

  @Test
  void aBodyOfUnknownLengthIsReadNoFurtherThanTheLimit() {
    var chunk = new byte[64 * 1024];
    var chunked =
        BodyPublishers.ofByteArrays(Collections.nCopies(26 * 1024 * 1024 / chunk.length, chunk));
    var got = http.send(http.request("/v1/inference").POST(chunked));
    assertThat(got.status()).isEqualTo(413);
    assertThat(got.error()).isEqualTo("body_too_large");
  }

  @Test
  void theWrongMethodIsToldTheRightOne() {
    var got = http.get("/v1/inference");
    assertThat(got.status()).isEqualTo(405);
    assertThat(got.error()).isEqualTo("method_not_allowed");
    assertThat(got.header("Allow")).contains("POST");
  }

  @ParameterizedTest
  @CsvSource({"/", "/v1", "/v1/inference/more", "/v1/requests", "/admin"})
  void anUnknownPathIsNotFoundInJson(String path) {
    var got = http.get(path);
    assertThat(got.status()).isEqualTo(404);
    assertThat(got.error()).isEqualTo("not_found");
  }

  @Test
  void anUnknownOrMadeUpIdIsNotFound() {
    var given = http.infer("{\"prompt\":\"hello\"}").id();
    var forged = given.substring(0, given.length() - 1) + (given.endsWith("0") ? "1" : "0");
    Awaitility.await()
        .untilAsserted(() -> {
          assertThat(http.get("/v1/requests/" + forged.replace('m', 'n')).status()).isEqualTo(404);
          assertThat(http.get("/v1/requests/order-4711").error()).isEqualTo("not_found");
        });
  }

  @Test
  void twoHundredCallersAtOnceAllGetTheirOwnAnswer() {
    var waiting = new ArrayList<CompletableFuture<Http.Got>>();
    for (int i = 0; i < 200; i++) {
      waiting.add(http.inferLater("{\"prompt\":\"caller " + i + "\"}"));
    }
    for (int i = 0; i < 200; i++) {
      var got = waiting.get(i).orTimeout(60, TimeUnit.SECONDS).join();
      assertThat(got.json().get("text").asText()).isEqualTo("answer to caller " + i);
    }
  }

  @Test
  void modelsAreListedAsOpenAiListsThem() {
    var json = http.get("/v1/models").json();
    assertThat(json.get("object").asText()).isEqualTo("list");
    assertThat(json.get("data").findValuesAsText("id")).containsExactly("large", "small");
  }

  @Test
  void readinessNamesEachPartAndComesWithTheCanary() {
    Awaitility.await()
        .untilAsserted(() -> {
          var got = http.get("/health/ready");
          assertThat(got.body())
              .isEqualTo(
                  "{\"ready\":true,\"checks\":{\"broker\":\"ok\",\"registry\":\"ok\",\"topology\":\"ok\"}}");
          assertThat(got.status()).isEqualTo(200);
        });
    assertThat(http.get("/health").status()).isEqualTo(200);
    assertThat(penstock.topology.dispatched("canary")).isNotEmpty();
  }

  @Test
  void metricsSayHowLongCallersWaited() {
    assertThat(http.infer("{\"prompt\":\"measured\",\"priority\":\"express\"}").status())
        .isEqualTo(200);
    var got = http.get("/metrics");
    assertThat(got.header("Content-Type")).hasValueSatisfying(t -> assertThat(t).contains("text"));
    assertThat(got.body())
        .contains(
            "penstock_request_duration_seconds_count{lane=\"express\",served_by=\"provider\"}")
        .contains("penstock_http_seconds_count{route=\"/v1/inference\",status=\"200\"}");
  }
}
