package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.JSON;
import static io.penstock.embedded.simulator.TestingSimulator.chat;
import static io.penstock.embedded.simulator.TestingSimulator.message;
import static io.penstock.embedded.simulator.TestingSimulator.streamed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.embedded.simulator.TestingSimulator.Reply;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What each kind of fault looks like, and what it costs. */
class FaultsTest {
  private final TestingSimulator simulator = TestingSimulator.atOnce();

  @AfterEach
  void stop() {
    simulator.close();
  }

  /** A way of calling: each fault must work on every one. */
  enum Way {
    COMPLETION("/v1/chat/completions", false),
    STREAMED_COMPLETION("/v1/chat/completions", true),
    MESSAGE("/v1/messages", false),
    STREAMED_MESSAGE("/v1/messages", true);

    private final String path;
    private final boolean stream;

    Way(String path, boolean stream) {
      this.path = path;
      this.stream = stream;
    }

    String model() {
      return path.endsWith("messages") ? "claude-test" : "gpt-test";
    }

    ObjectNode body() {
      ObjectNode body = path.endsWith("messages") ? message(model(), "hi") : chat(model(), "hi");
      return stream ? streamed(body) : body;
    }
  }

  private Reply call(Way way) throws IOException {
    return simulator.post(way.path, way.body().toString());
  }

  @ParameterizedTest
  @CsvSource({
    "COMPLETION, 429, /error/code, rate_limit_exceeded",
    "COMPLETION, 529, /error/code, overloaded",
    "COMPLETION, 500, /error/type, server_error",
    "STREAMED_COMPLETION, 429, /error/code, rate_limit_exceeded",
    "MESSAGE, 429, /error/type, rate_limit_error",
    "MESSAGE, 529, /error/type, overloaded_error",
    "MESSAGE, 500, /error/type, api_error",
    "STREAMED_MESSAGE, 529, /error/type, overloaded_error",
  })
  void aRefusalHasTheShapeOfItsProviderAndCostsNothing(
      Way way, int status, String pointer, String word) throws IOException {
    simulator.failAlways(Integer.toString(status));

    Reply reply = call(way);

    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.json().at(pointer).textValue()).isEqualTo(word);
    assertFailedAt(way, "0");
    assertThat(simulator.newestCall().path("outcome").textValue())
        .isEqualTo(Integer.toString(status));
  }

  @Test
  void aRateLimitSaysHowLongToWait() throws IOException {
    simulator.post(
        "/admin/faults", "{\"rate\": 1, \"kinds\": [\"429\"], \"retry_after_ms\": 1250}");

    assertThat(call(Way.COMPLETION).headers().get("retry-after")).isEqualTo("2");
    assertThat(call(Way.COMPLETION).headers().get("retry-after-ms")).isEqualTo("1250");
    assertThat(call(Way.MESSAGE).headers().get("retry-after")).isEqualTo("2");
  }

  @ParameterizedTest
  @EnumSource
  void aTimeoutIsWorkedOnAndNeverAnswered(Way way) throws IOException {
    String cost = costOfAWhole(way);
    simulator.failAlways("timeout");

    assertThatThrownBy(() -> call(way)).isInstanceOf(IOException.class);

    assertFailedAt(way, cost);
  }

  @ParameterizedTest
  @EnumSource
  void aTruncatedAnswerPromisesMoreThanItSends(Way way) throws IOException {
    String cost = costOfAWhole(way);
    simulator.failAlways("truncated");

    StringBuilder received = new StringBuilder();
    assertThatThrownBy(() -> read(way, received)).isInstanceOf(IOException.class);

    assertThat(received.toString())
        .isNotEmpty()
        .doesNotContain("usage\":{\"prompt_tokens", "[DONE]", "message_stop");
    assertFailedAt(way, cost);
  }

  @ParameterizedTest
  @EnumSource
  void garbageIsAWholeAnswerThatIsNotJson(Way way) throws IOException {
    String cost = costOfAWhole(way);
    simulator.failAlways("garbage");

    Reply first = call(way);
    Reply second = call(way);

    assertThat(first.status()).isEqualTo(200);
    assertThat(List.of(first, second)).noneMatch(reply -> isJson(lastData(reply.body())));
    assertFailedAt(way, cost, 2);
  }

  @Test
  void aSpentQuotaIsNoRateLimit() throws IOException {
    simulator.failAlways("quota");

    Reply openai = call(Way.COMPLETION);
    Reply anthropic = call(Way.MESSAGE);

    assertThat(openai.status()).isEqualTo(429);
    assertThat(openai.json().at("/error/type").textValue()).isEqualTo("insufficient_quota");
    assertThat(openai.json().at("/error/code").textValue()).isEqualTo("insufficient_quota");
    assertThat(anthropic.status()).isEqualTo(429);
    assertThat(List.of(openai, anthropic))
        .allMatch(reply -> reply.headers().get("retry-after") == null);
    assertFailedAt(Way.COMPLETION, "0");
  }

  @ParameterizedTest
  @EnumSource(names = {"STREAMED_COMPLETION", "STREAMED_MESSAGE"})
  void anErrorInMidStreamComesAfterSomeText(Way way) throws IOException {
    String whole = call(way).body();
    simulator.delete("/admin/stats");
    simulator.failAlways("mid_stream_error");

    Reply reply = call(way);

    assertThat(reply.status()).isEqualTo(200);
    List<JsonNode> data = TestingSimulator.data(reply.body());
    assertThat(data.removeLast().at("/error/type").textValue())
        .isEqualTo(way == Way.STREAMED_MESSAGE ? "overloaded_error" : "server_error");
    assertThat(data).hasSizeGreaterThan(3);
    assertThat(reply.body()).doesNotContain("[DONE]", "message_stop", "stop_reason\":\"end_turn");
    assertThat(whole).contains(firstText(reply.body()));
    assertEndedEarly(way);
  }

  @ParameterizedTest
  @EnumSource(names = {"STREAMED_COMPLETION", "STREAMED_MESSAGE"})
  void aCutStreamEndsAsIfThatWereAll(Way way) throws IOException {
    simulator.failAlways("cut_stream");

    Reply reply = call(way);

    assertThat(reply.status()).isEqualTo(200);
    assertThat(TestingSimulator.data(reply.body())).hasSizeGreaterThan(3);
    assertThat(reply.body())
        .doesNotContain("[DONE]", "message_stop", "finish_reason\":\"stop", "end_turn");
    assertEndedEarly(way);
  }

  @ParameterizedTest
  @EnumSource(names = {"COMPLETION", "MESSAGE"})
  void aPlainErrorInMidStreamIsAnErrorThatSaysItIsFine(Way way) throws IOException {
    simulator.failAlways("mid_stream_error");

    Reply reply = call(way);

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().at("/error/message").textValue()).isEqualTo("Overloaded");
    assertEndedEarly(way);
  }

  @ParameterizedTest
  @EnumSource
  void anAnswerWithoutUsageIsOtherwiseWhole(Way way) throws IOException {
    simulator.failAlways("no_usage");
    ObjectNode body = way == Way.STREAMED_COMPLETION ? asking(way) : way.body();

    Reply reply = simulator.post(way.path, body.toString());

    assertThat(reply.body()).doesNotContain("usage");
    assertThat(reply.body())
        .contains(way.path.endsWith("messages") ? "end_turn" : "finish_reason\":\"stop");
    assertThat(simulator.cost()).isZero();
    assertThat(simulator.undelivered()).isPositive();
    assertThat(simulator.statsOf(way.model()).path("failures").intValue()).isZero();
  }

  private static ObjectNode asking(Way way) {
    return TestingSimulator.streamedWithUsage(way.body());
  }

  @ParameterizedTest
  @EnumSource
  void aSlowAnswerBeginsLateAndIsWhole(Way way) throws IOException {
    simulator.post("/admin/faults", "{\"rate\": 1, \"kinds\": [\"slow\"], \"slow_ms\": 300}");
    long start = System.nanoTime();

    assertThat(call(way).status()).isEqualTo(200);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(300));
    assertThat(simulator.statsOf(way.model()).path("failures").intValue()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void aResetEndsTheConnectionWithoutAnEnd(Way way) throws IOException {
    String cost = costOfAWhole(way);
    simulator.failAlways("reset");

    assertThatThrownBy(() -> call(way))
        .isInstanceOf(IOException.class)
        .hasStackTraceContaining("reset");

    assertFailedAt(way, cost);
  }

  /** Billed for less than the whole, and nothing of it reported. */
  private void assertEndedEarly(Way way) throws IOException {
    BigDecimal billed = simulator.undelivered();
    JsonNode stats = simulator.statsOf(way.model());
    assertThat(simulator.cost()).isZero();
    assertThat(stats.path("failures").intValue()).isEqualTo(1);
    int generated = stats.path("undelivered_output_tokens").intValue();
    assertThat(generated).isPositive();
    simulator.post("/admin/faults", "{\"rate\": 0}");
    simulator.delete("/admin/stats");
    assertThat(billed).isPositive().isLessThan(new BigDecimal(costOfAWhole(way)));
  }

  private static String firstText(String stream) {
    String mark = stream.contains("text_delta") ? "\"text_delta\",\"text\":\"" : "\"content\":\"";
    int at = stream.indexOf(mark, stream.indexOf(mark) + 1);
    return stream.substring(at, stream.indexOf('}', at));
  }

  @Test
  void refusedPromptsAreNotCached() throws IOException {
    ObjectNode body = chat("gpt-test", TestingSimulator.prose(2_000));
    simulator.failAlways("500");
    simulator.complete(body);
    simulator.post("/admin/faults", "{\"rate\": 0}");

    assertThat(
            simulator
                .complete(body)
                .json()
                .at("/usage/prompt_tokens_details/cached_tokens")
                .intValue())
        .isZero();
  }

  @Test
  void aTimeoutEndsWhenItsCallerGivesUp() throws IOException {
    simulator.post("/admin/faults", "{\"rate\": 1, \"kinds\": [\"timeout\"]}");
    var impatient = simulator.http.newBuilder().readTimeout(Duration.ofMillis(50)).build();
    var request =
        simulator
            .request(Way.COMPLETION.path)
            .post(RequestBody.create(Way.COMPLETION.body().toString(), null))
            .build();

    assertThatThrownBy(() -> impatient.newCall(request).execute().close())
        .isInstanceOf(IOException.class);

    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(simulator.undelivered()).isPositive());
  }

  private void assertFailedAt(Way way, String undelivered) throws IOException {
    assertFailedAt(way, undelivered, 1);
  }

  private void assertFailedAt(Way way, String undeliveredEach, int calls) throws IOException {
    assertThat(simulator.cost()).isZero();
    assertThat(simulator.undelivered())
        .isEqualByComparingTo(new BigDecimal(undeliveredEach).multiply(BigDecimal.valueOf(calls)));
    assertThat(simulator.statsOf(way.model()).path("calls").intValue()).isEqualTo(calls);
    assertThat(simulator.statsOf(way.model()).path("failures").intValue()).isEqualTo(calls);
    assertThat(simulator.statsOf(way.model()).path("output_tokens").intValue()).isZero();
  }

  /** What the call is billed when all goes well. */
  private String costOfAWhole(Way way) throws IOException {
    call(way);
    String cost = simulator.cost().add(simulator.undelivered()).toPlainString();
    simulator.delete("/admin/stats");
    return cost;
  }

  private void read(Way way, StringBuilder received) throws IOException {
    var request =
        simulator.request(way.path).post(RequestBody.create(way.body().toString(), null)).build();
    try (Response response = simulator.http.newCall(request).execute()) {
      assertThat(response.code()).isEqualTo(200);
      var source = response.body().source();
      while (!source.exhausted()) {
        received.append(source.getBuffer().readUtf8());
      }
    }
  }

  private static String lastData(String body) {
    String text = body.strip();
    return text.substring(text.lastIndexOf("data: ") < 0 ? 0 : text.lastIndexOf("data: ") + 6);
  }

  private static boolean isJson(String text) {
    try {
      JSON.readTree(text);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
