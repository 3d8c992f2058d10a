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
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batch requests that have time go through their provider's batch API, for half the price. */
final class ProviderBatchTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int REQUESTS = 20;

  @TempDir Path dir;

  @Test
  void whoHasTimeIsAnsweredFromABatchAtItsPrice() throws Exception {
    try (var closing = new Closing();
        var client = HttpClient.newHttpClient()) {
      var settings = new HashMap<>(JOBS);
      settings.put(Setting.DATA_DIR, dir.toString());
      UpCommand.Up up = UpCommand.start(Configuration.fixed(settings), closing);
      URI simulator = up.embedded().engine().providers().simulator().orElseThrow();

      // What a line is billed at is known from how it was sent, whatever its answer says.
      post(client, simulator.resolve("/admin/batches"), "{\"tier_said\": false}");
      answered(client, up.http(), ask(client, up.http(), "gpt-5-mini"));
      post(client, simulator.resolve("/admin/batches"), "{\"tier_said\": true}");
      answered(client, up.http(), ask(client, up.http(), "claude-haiku-4-5"));

      JsonNode stats = get(client, simulator, "/admin/stats");
      assertThat(stats.path("calls").asInt()).as("calls beside the batches").isZero();
      assertThat(stats.at("/batches/items_answered").asInt()).isEqualTo(2 * REQUESTS);
      await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(() ->
              assertThat(get(client, up.http(), "/v1/costs").at("/total/spent_usd").asText())
                  .isEqualTo(stats.path("cost_usd").asText()));
    }
  }

  private static void answered(HttpClient client, URI ingress, List<String> ids) {
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(() ->
            assertThat(ids)
                .allSatisfy(id ->
                    assertThat(get(client, ingress, "/v1/requests/" + id).path("status").asText())
                        .isEqualTo("answered")));
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
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
