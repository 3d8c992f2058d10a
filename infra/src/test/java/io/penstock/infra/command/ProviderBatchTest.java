package io.penstock.infra.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.Setting;
import io.penstock.infra.engine.Closing;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Batch requests that have time go through their provider's batch API, for half the price. */
final class ProviderBatchTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int REQUESTS = 20;

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({"gpt-5-mini, true", "gpt-5-mini, false", "claude-haiku-4-5, true"})
  void whoHasTimeIsAnsweredFromABatchAtItsPrice(String model, boolean tierSaid) throws Exception {
    try (var closing = new Closing();
        var client = HttpClient.newHttpClient()) {
      var settings = new HashMap<>(JOBS);
      settings.put(Setting.DATA_DIR, dir.toString());
      UpCommand.Up up = UpCommand.start(Configuration.fixed(settings), closing);
      URI simulator = up.embedded().engine().providers().simulator().orElseThrow();
      post(client, simulator.resolve("/admin/batches"), "{\"tier_said\":%s}".formatted(tierSaid));

      List<String> ids = ask(client, up.http(), model);
      await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(() ->
              assertThat(ids)
                  .allSatisfy(id ->
                      assertThat(
                              get(client, up.http(), "/v1/requests/" + id).path("status").asText())
                          .isEqualTo("answered")));

      JsonNode stats = get(client, simulator, "/admin/stats");
      System.out.println(model + ": " + stats);
      JsonNode costs = get(client, up.http(), "/v1/costs");
      System.out.println(costs);
    }
  }

  /** Time compressed: what takes hours elsewhere takes seconds. */
  private static final Map<Setting, String> JOBS =
      Map.of(
          Setting.HTTP_PORT, "0",
          Setting.KAFKA_PORT, "0",
          Setting.REGISTRY_PORT, "0",
          Setting.SIMULATOR_PORT, "0",
          Setting.JOBS_IDLE, "1s",
          Setting.JOBS_FIRST_POLL, "500ms",
          Setting.JOBS_LONGEST_POLL, "1s");

  private static List<String> ask(HttpClient client, URI ingress, String model) {
    ObjectNode body = JSON.createObjectNode();
    var requests = body.putArray("requests");
    for (int i = 0; i < REQUESTS; i++) {
      requests.addObject().put("model", model).put("max_tokens", 20).put("prompt", "question " + i);
    }
    JsonNode accepted = post(client, ingress.resolve("/v1/batch"), body.toString());
    assertThat(accepted.path("ids")).as(accepted.toString()).hasSize(REQUESTS);
    return accepted.path("ids").valueStream().map(JsonNode::asText).toList();
  }

  private static JsonNode post(HttpClient client, URI uri, String body) {
    return send(
        client,
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  private static JsonNode get(HttpClient client, URI base, String path) {
    return send(client, HttpRequest.newBuilder(base.resolve(path)).build());
  }

  private static JsonNode send(HttpClient client, HttpRequest request) {
    try {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
      return JSON.readTree(response.body());
    } catch (java.io.IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
