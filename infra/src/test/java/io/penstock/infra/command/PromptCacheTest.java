package io.penstock.infra.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.Setting;
import io.penstock.infra.engine.Closing;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same traffic with and without marks, and what the ledger says of it. */
final class PromptCacheTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MARKED = "claude-sonnet-4-5";
  private static final String CHARGED = "gpt-5.6-luna";
  private static final String FREE = "gpt-5-mini";
  private static final String MANUAL = "The manual of the penstock. ".repeat(300);
  private static final int SHARING = 24;
  private static final int ONCE = 8;

  @TempDir Path dir;

  @Test
  void sharedPrefixesCostLessAndOneOffPromptsNoMore() throws Exception {
    Map<String, BigDecimal> left = spent("off");
    Map<String, BigDecimal> told = spent("auto");

    // One request is learnt from; the next one writes, and all others read.
    assertThat(told.get(MARKED)).isLessThan(halfOf(left, MARKED));
    assertThat(told.get(CHARGED)).isLessThan(left.get(CHARGED));
    assertThat(told.get(FREE)).isEqualByComparingTo(left.get(FREE));
    assertThat(told.get("claude-sonnet-4-6"))
        .isEqualByComparingTo(left.get("claude-sonnet-4-6"))
        .isPositive();
  }

  private static BigDecimal halfOf(Map<String, BigDecimal> spent, String model) {
    return spent.getOrDefault(model, BigDecimal.ZERO).divide(BigDecimal.TWO);
  }

  /** Dollars by model, after the traffic. */
  private Map<String, BigDecimal> spent(String mode) throws Exception {
    try (var closing = new Closing();
        var client = HttpClient.newHttpClient()) {
      UpCommand.Up up =
          UpCommand.start(
              Configuration.fixed(
                  Map.of(
                      Setting.DATA_DIR, dir.resolve(mode).toString(),
                      Setting.PROMPT_CACHE, mode,
                      Setting.HTTP_PORT, "0",
                      Setting.KAFKA_PORT, "0",
                      Setting.REGISTRY_PORT, "0",
                      Setting.SIMULATOR_PORT, "0",
                      Setting.SIMULATOR_FIRST_TOKEN, "1ms",
                      Setting.SIMULATOR_PER_TOKEN, "0ms")),
              closing);
      URI simulator = up.embedded().engine().providers().simulator().orElseThrow();
      var caller = new Traffic(client, up.http());
      for (int i = 0; i < SHARING; i++) {
        caller.ask(MARKED, MANUAL, "question " + i);
        caller.ask(FREE, MANUAL, "question " + i);
      }
      for (int i = 0; i < ONCE; i++) {
        String once = MANUAL.replace("manual", "manual " + i);
        caller.ask(CHARGED, once, "once " + i);
        caller.ask("claude-sonnet-4-6", once, "once " + i);
      }
      BigDecimal billed = usd(caller.get(simulator.resolve("/admin/stats")), "cost_usd");
      await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(() ->
              assertThat(usd(caller.get(costs(up)).path("total"), "spent_usd"))
                  .isEqualByComparingTo(billed));
      assertThat(usd(caller.get(costs(up)).path("total"), "avoided_usd"))
          .as("what a provider's cache saves is spent less, not avoided by us")
          .isZero();
      Map<String, BigDecimal> byModel = new TreeMap<>();
      caller
          .get(costs(up))
          .path("rows")
          .forEach(row -> byModel.put(row.path("key").asText(), usd(row, "spent_usd")));
      System.out.println("prompt cache " + mode + ": " + byModel);
      return byModel;
    }
  }

  private static URI costs(UpCommand.Up up) {
    return up.http().resolve("/v1/costs?by=model");
  }

  private static BigDecimal usd(JsonNode node, String field) {
    return new BigDecimal(node.path(field).asText("-1"));
  }

  private record Traffic(HttpClient client, URI ingress) {
    void ask(String model, String system, String question) throws Exception {
      ObjectNode body = JSON.createObjectNode().put("model", model).put("max_tokens", 5);
      var messages = body.putArray("messages");
      messages.addObject().put("role", "system").put("content", system);
      messages.addObject().put("role", "user").put("content", question);
      JsonNode answer =
          send(
              HttpRequest.newBuilder(ingress.resolve("/v1/inference"))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
      assertThat(answer.path("served_by").asText()).isEqualTo("provider");
    }

    JsonNode get(URI url) throws IOException, InterruptedException {
      return send(HttpRequest.newBuilder(url));
    }

    private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
      var response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      return JSON.readTree(response.body());
    }
  }
}
