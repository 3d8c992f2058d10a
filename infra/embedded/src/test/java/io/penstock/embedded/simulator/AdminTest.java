package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.chat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.embedded.simulator.TestingSimulator.Reply;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdminTest {
  private final TestingSimulator simulator = TestingSimulator.atOnce();

  @AfterEach
  void stop() {
    simulator.close();
  }

  @Test
  void theLastCallsAreShownNewestFirst() throws IOException {
    simulator.complete(chat("gpt-test", "first"));
    simulator.complete(chat("gpt-none", "second"));
    simulator.post("/v1/messages", "{ no JSON");

    JsonNode calls = simulator.get("/admin/calls").json();

    assertThat(calls).extracting(call -> call.path("number").intValue()).containsExactly(3, 2, 1);
    assertThat(calls.at("/0/body").textValue()).isEqualTo("{ no JSON");
    assertThat(calls.at("/0/path").textValue()).isEqualTo("/v1/messages");
    assertThat(calls.at("/0/status").intValue()).isEqualTo(400);
    assertThat(calls.at("/0/outcome").textValue()).isEqualTo("invalid");
    assertThat(calls.at("/1/outcome").textValue()).isEqualTo("unknown_model");
    assertThat(calls.at("/2/outcome").textValue()).isEqualTo("delivered");
    assertThat(calls.at("/2/model").textValue()).isEqualTo("gpt-test");
    assertThat(calls.at("/2/body/messages/0/content").textValue()).isEqualTo("first");
  }

  @Test
  void keysAreNeverShown() throws IOException {
    simulator.complete(chat("gpt-test", "hi"));

    String calls = simulator.get("/admin/calls").body();

    assertThat(calls).contains("anthropic-version").doesNotContain("sk-secret");
  }

  @Test
  void latencyIsChangedFieldByField() throws IOException {
    simulator.post("/admin/latency", "{\"to_first_token_ms\": 1.5}");
    Reply reply = simulator.post("/admin/latency", "{\"per_output_token_ms\": 0.25}");

    assertThat(reply.body())
        .isEqualTo(
            "{\"to_first_token_ms\":1.5,\"per_output_token_ms\":0.25,"
                + "\"free_calls\":0,\"per_extra_call_ms\":0,\"flex_factor\":3}");
    assertThat(simulator.get("/admin/latency").body()).isEqualTo(reply.body());
  }

  @Test
  void aPlanForBatchesIsShownAsItIs() throws IOException {
    String usual = simulator.get("/admin/batches").body();
    Reply reply =
        simulator.post(
            "/admin/batches", "{\"expire\": 2, \"fail_with\": \"quota\", \"per_item_ms\": 0.5}");

    assertThat(usual)
        .isEqualTo(
            "{\"per_batch_ms\":1000,\"per_item_ms\":2,\"window_ms\":86400000,\"fail_rate\":0,"
                + "\"fail_with\":\"500\",\"expire\":0,\"expire_after\":0.5,\"seed\":0,"
                + "\"tier_said\":true,\"kept_ms\":2592000000}");
    assertThat(reply.body())
        .contains("\"expire\":2", "\"fail_with\":\"quota\"", "\"per_item_ms\":0.5");
    assertThat(simulator.post("/admin/batches", "{}").body()).isEqualTo(usual);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/admin/faults | {} | rate | rate is : give the share of calls that fail, from 0 to 1",
        "/admin/faults | {\"rate\": 2} | rate | rate is 2: give a number from 0 to 1",
        "/admin/faults | {\"rate\": \"x\"} | rate | rate is \"x\": give a number from 0 to 1",
        "/admin/faults | {\"rate\": 1, \"kinds\": [\"404\"]} | kinds | kinds is [\"404\"]: give a"
            + " list of some of 429, 529, 500, timeout, truncated, garbage, quota,"
            + " mid_stream_error, cut_stream, no_usage, slow, reset",
        "/admin/faults | {\"rate\": 1, \"kind\": []} | kind | kind is []: unknown: the fields are"
            + " kinds, rate, retry_after_ms, seed, slow_ms, timeout_ms",
        "/admin/faults | {\"rate\": 1, \"seed\": 0.5} | seed | seed is 0.5: give a whole number",
        "/admin/faults | {\"rate\": 1, \"timeout_ms\": -1} | timeout_ms | timeout_ms is -1: give",
        "/admin/faults | [] | body | the body is not JSON: send an object",
        "/admin/latency | {\"free_calls\": -1} | free_calls | free_calls is -1: give a number",
        "/admin/latency | {\"to_first_token_ms\": 1e9} | to_first_token_ms | from 0 to 600000",
        "/admin/limits | {\"requests_per_second\": 0} | requests_per_second | above zero",
        "/admin/limits | {\"every_other\": 2} | every_other | give true or false",
        "/admin/limits | {\"retry_after\": 1} | retry_after | retry_after is 1: give a text",
        "/admin/latency | {\"flex_factor\": 0} | flex_factor | give a number from 1 to 1000",
        "/admin/batches | {\"expire\": -1} | expire | expire is -1: give a number from 0",
        "/admin/batches | {\"expire_after\": 2} | expire_after | give a number from 0 to 1",
        "/admin/batches | {\"fail_with\": 404} | fail_with | give one of 400, 429, quota, 500, 529",
        "/admin/batches | {\"tier_said\": 1} | tier_said | give true, false, or the name of a tier",
        "/admin/batches | {\"window\": 1} | window | unknown: the fields are expire, expire_after",
        "/admin/metrics | {\"vllm:x\": \"1\"} | vllm:x | vllm:x is \"1\": give a metric's name",
        "/admin/metrics | {\"a b\": 1} | a b | give a metric's name and a number",
        "/admin/reset | {\"prefix_cache\": 1} | prefix_cache | give true or false",
      })
  void aWrongFieldIsRefusedWithValueAndRemedy(
      String path, String body, String field, String message) throws IOException {
    Reply reply = simulator.post(path, body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json().at("/error/field").textValue()).isEqualTo(field);
    assertThat(reply.json().at("/error/message").textValue()).contains(message);
  }

  @Test
  void everyMistakeIsNamedAtOnceAndNothingChanges() throws IOException {
    Reply reply = simulator.post("/admin/faults", "{\"rate\": 2, \"seed\": \"x\", \"why\": 1}");

    assertThat(reply.json().at("/error/message").textValue())
        .contains("why is 1", "rate is 2", "seed is \"x\"");
    assertThat(simulator.get("/admin/faults").json().path("rate").intValue()).isZero();
  }

  @Test
  void onlyTheLastHundredCallsAreKept() throws IOException {
    for (int i = 0; i < RecentCalls.MOST + 5; i++) {
      simulator.complete(chat("gpt-test", "call " + i).put("max_tokens", 1));
    }

    JsonNode calls = simulator.get("/admin/calls").json();

    assertThat(calls).hasSize(RecentCalls.MOST);
    assertThat(calls.at("/0/number").intValue()).isEqualTo(RecentCalls.MOST + 5);
  }

  @Test
  void oldBodiesMakeRoomForLargeOnes() throws IOException {
    String large = "x".repeat(3 * 1024 * 1024);
    for (int i = 0; i < 4; i++) {
      simulator.complete(chat("gpt-test", large));
    }

    assertThat(simulator.get("/admin/calls").json()).hasSize(2);
  }
}
