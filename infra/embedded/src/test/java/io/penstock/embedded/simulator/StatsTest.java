package io.penstock.embedded.simulator;

import static io.penstock.embedded.simulator.TestingSimulator.chat;
import static io.penstock.embedded.simulator.TestingSimulator.message;
import static io.penstock.embedded.simulator.TestingSimulator.prose;
import static io.penstock.embedded.simulator.TestingSimulator.streamed;
import static io.penstock.embedded.simulator.TestingSimulator.streamedWithUsage;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Amounts are worked out by hand from the test catalogue: tokens × dollars per million. */
class StatsTest {
  private static final String NO_ITEMS =
      "\"items_answered\":0,\"items_failed\":0,\"items_expired\":0,\"items_cancelled\":0,"
          + "\"cost_usd\":\"0\",\"cost_pico_usd\":0";

  private final TestingSimulator simulator = TestingSimulator.atOnce();

  @AfterEach
  void stop() {
    simulator.close();
  }

  @Test
  void nothingCalledCostsNothing() throws IOException {
    assertThat(simulator.get("/admin/stats").body())
        .isEqualTo(
            "{\"calls\":0,\"cost_usd\":\"0\",\"undelivered_cost_usd\":\"0\","
                + "\"batches\":{\"created\":0,\"completed\":0,\"failed\":0,\"expired\":0,"
                + "\"cancelled\":0,"
                + NO_ITEMS
                + "},\"by_model\":{}}");
  }

  @Test
  void aCallIsCountedWithItsTokensAndItsCost() throws IOException {
    simulator.complete(chat("gpt-test", prose(100)).put("max_tokens", 10));

    // 104 × 0.25 + 10 × 2 = 46 millionths
    assertThat(simulator.get("/admin/stats").body())
        .startsWith("{\"calls\":1,\"cost_usd\":\"0.000046\",\"undelivered_cost_usd\":\"0\",")
        .endsWith(
            "\"by_model\":"
                + "{\"gpt-test\":{\"calls\":1,\"failures\":0,\"input_tokens\":104,"
                + "\"output_tokens\":10,\"cache_read_tokens\":0,\"cache_write_tokens\":0,"
                + "\"cost_usd\":\"0.000046\",\"undelivered_input_tokens\":0,"
                + "\"undelivered_output_tokens\":0,\"undelivered_cost_usd\":\"0\","
                + "\"batch\":{"
                + NO_ITEMS
                + "}}}}");
  }

  @Test
  void cachedTokensCostTheirOwnPrice() throws IOException {
    ObjectNode body = chat("gpt-test", prose(2_000)).put("max_tokens", 10);
    simulator.complete(body);
    JsonNode usage = simulator.complete(body).json().path("usage");

    assertThat(usage.path("prompt_tokens").intValue()).isEqualTo(2_004);
    assertThat(usage.at("/prompt_tokens_details/cached_tokens").intValue()).isEqualTo(1_920);
    // 2004 × 0.25 + 20, and then 84 × 0.25 + 1920 × 0.025 + 20: 521 + 89 millionths
    assertThat(simulator.cost()).isEqualByComparingTo("0.00061");
    assertThat(simulator.statsOf("gpt-test").path("input_tokens").intValue()).isEqualTo(2_088);
    assertThat(simulator.statsOf("gpt-test").path("cache_read_tokens").intValue()).isEqualTo(1_920);
  }

  @Test
  void aPromptAtTheThresholdCostsTheBasePricesThroughout() throws IOException {
    JsonNode usage =
        simulator
            .complete(chat("gpt-long", prose(271_996)).put("max_tokens", 10))
            .json()
            .path("usage");

    assertThat(usage.path("prompt_tokens").intValue()).isEqualTo(272_000);
    assertThat(usage.at("/prompt_tokens_details/cache_write_tokens").intValue()).isEqualTo(272_000);
    // 272000 × 6.25 + 10 × 30 = 1,700,300 millionths
    assertThat(simulator.cost()).isEqualByComparingTo("1.7003");
  }

  @Test
  void aPromptAboveTheThresholdCostsTheTiersPricesThroughout() throws IOException {
    simulator.complete(chat("gpt-long", prose(272_000)).put("max_tokens", 10));

    // 4 × 10 + 272000 × 12.5 + 10 × 45 = 3,400,490 millionths
    assertThat(simulator.cost()).isEqualByComparingTo("3.40049");
    assertThat(simulator.statsOf("gpt-long").path("cache_write_tokens").intValue())
        .isEqualTo(272_000);
  }

  @Test
  void anthropicsWritesCostByHowLongTheyAreKept() throws IOException {
    ObjectNode body = message("claude-test", "").put("max_tokens", 10);
    ObjectNode system = body.putArray("system").addObject();
    system.put("type", "text").put("text", prose(1_500));
    system.putObject("cache_control").put("type", "ephemeral").put("ttl", "1h");
    var content = ((ObjectNode) body.at("/messages/0")).putArray("content");
    ObjectNode marked = content.addObject().put("type", "text").put("text", prose(600));
    marked.putObject("cache_control").put("type", "ephemeral");
    content.addObject().put("type", "text").put("text", prose(96));

    JsonNode first = simulator.message(body).json().path("usage");
    // 96 × 3 + 604 × 3.75 + 1504 × 6 + 10 × 15 = 11,727 millionths
    assertThat(simulator.cost()).isEqualByComparingTo("0.011727");
    JsonNode second = simulator.message(body).json().path("usage");
    // 96 × 3 + 2108 × 0.3 + 10 × 15 = 1,070.4 millionths
    assertThat(simulator.cost()).isEqualByComparingTo("0.0127974");

    assertThat(first.path("input_tokens").intValue()).isEqualTo(96);
    assertThat(first.path("cache_creation_input_tokens").intValue()).isEqualTo(2_108);
    assertThat(first.at("/cache_creation/ephemeral_5m_input_tokens").intValue()).isEqualTo(604);
    assertThat(first.at("/cache_creation/ephemeral_1h_input_tokens").intValue()).isEqualTo(1_504);
    assertThat(second.path("cache_read_input_tokens").intValue()).isEqualTo(2_108);
  }

  @Test
  void aStreamWhoseUsageNobodyAskedForIsUndelivered() throws IOException {
    simulator.complete(streamed(chat("gpt-test", prose(100)).put("max_tokens", 10)));

    assertThat(simulator.cost()).isZero();
    assertThat(simulator.undelivered()).isEqualByComparingTo("0.000046");
    JsonNode stats = simulator.statsOf("gpt-test");
    assertThat(stats.path("failures").intValue()).isZero();
    assertThat(stats.path("input_tokens").intValue()).isZero();
    assertThat(stats.path("undelivered_input_tokens").intValue()).isEqualTo(104);
    assertThat(stats.path("undelivered_output_tokens").intValue()).isEqualTo(10);
    assertThat(stats.path("undelivered_cost_usd").textValue()).isEqualTo("0.000046");
  }

  @Test
  void aStreamWithUsageIsDelivered() throws IOException {
    simulator.complete(streamedWithUsage(chat("gpt-test", prose(100)).put("max_tokens", 10)));

    assertThat(simulator.cost()).isEqualByComparingTo("0.000046");
    assertThat(simulator.undelivered()).isZero();
  }

  @Test
  void refusedCallsCountAndCostNothing() throws IOException {
    simulator.complete(chat("gpt-none", "hi"));
    simulator.post("/v1/chat/completions", "{");
    simulator.message(chat("claude-test", "no limit"));

    JsonNode stats = simulator.stats();
    assertThat(stats.path("calls").intValue()).isEqualTo(3);
    assertThat(stats.path("cost_usd").textValue()).isEqualTo("0");
    assertThat(stats.path("by_model").fieldNames()).toIterable().containsExactly("claude-test");
    assertThat(stats.at("/by_model/claude-test/failures").intValue()).isEqualTo(1);
  }

  @Test
  void clearingForgetsCountsButNotPrefixes() throws IOException {
    ObjectNode body = chat("gpt-test", prose(2_000)).put("max_tokens", 10);
    simulator.complete(body);

    assertThat(simulator.delete("/admin/stats").json().path("calls").intValue()).isZero();
    assertThat(simulator.get("/admin/calls").json()).isEmpty();
    assertThat(cached(body)).isPositive();
    simulator.post("/admin/reset", "{\"prefix_cache\": true}");
    assertThat(cached(body)).isZero();
    assertThat(simulator.stats().path("calls").intValue()).isEqualTo(1);
  }

  private int cached(ObjectNode body) throws IOException {
    return simulator
        .complete(body)
        .json()
        .at("/usage/prompt_tokens_details/cached_tokens")
        .intValue();
  }
}
