package io.penstock.infra.command;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many ask at once about one text that their provider has not seen: it is written once. */
final class PrefixBurstTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MODEL = "claude-sonnet-4-5";
  private static final String WARMING_UP = "claude-sonnet-4-6";
  private static final String MANUAL = "The manual of the penstock. ".repeat(300);
  private static final int AT_ONCE = 64;

  @TempDir Path dir;

  @Test
  void aBurstOnAColdPrefixIsWrittenOnceAndReadByAllOthers() throws Exception {
    try (var closing = new Closing();
        var client = HttpClient.newHttpClient()) {
      UpCommand.Up up =
          UpCommand.start(
              Configuration.fixed(
                  Map.of(
                      Setting.DATA_DIR, dir.toString(),
                      Setting.HTTP_PORT, "0",
                      Setting.KAFKA_PORT, "0",
                      Setting.REGISTRY_PORT, "0",
                      Setting.SIMULATOR_PORT, "0",
                      // Behind the last of the burst, however slow this machine is.
                      Setting.SIMULATOR_FIRST_TOKEN, "3s",
                      Setting.SIMULATOR_PER_TOKEN, "0ms")),
              closing);
      // The first requests of a process crawl in one after the other, which is no burst.
      burst(client, up.http(), WARMING_UP);
      burst(client, up.http(), MODEL);
      JsonNode model = stats(client, up).path("by_model").path(MODEL);
      System.out.println("burst of " + AT_ONCE + ": " + model);
      long written = model.path("cache_write_tokens").asLong();
      assertThat(model.path("calls").asInt()).isEqualTo(AT_ONCE);
      assertThat(written).as("of one call").isBetween(1_024L, 4_000L);
      assertThat(model.path("cache_read_tokens").asLong()).isEqualTo(written * (AT_ONCE - 1));
    }
  }

  private static void burst(HttpClient client, URI ingress, String model) {
    var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
    for (int i = 0; i < AT_ONCE; i++) {
      answers.add(
          client.sendAsync(
              question(ingress, model, "question " + i), HttpResponse.BodyHandlers.ofString()));
    }
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertThat(answer.join().statusCode()).isEqualTo(200);
    }
  }

  /** On the batch lane, which may wait for a first token that takes as long as here. */
  private static HttpRequest question(URI ingress, String model, String question) {
    ObjectNode body = JSON.createObjectNode().put("model", model).put("max_tokens", 5);
    body.put("priority", "batch").put("deadline_ms", 120_000);
    var messages = body.putArray("messages");
    messages.addObject().put("role", "system").put("content", MANUAL);
    messages.addObject().put("role", "user").put("content", question);
    return HttpRequest.newBuilder(ingress.resolve("/v1/inference"))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
        .build();
  }

  private static JsonNode stats(HttpClient client, UpCommand.Up up) throws Exception {
    URI simulator = up.embedded().engine().providers().simulator().orElseThrow();
    return JSON.readTree(
        client
            .send(
                HttpRequest.newBuilder(simulator.resolve("/admin/stats")).build(),
                HttpResponse.BodyHandlers.ofString())
            .body());
  }
}
