package io.penstock.infra.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.embedded.testing.Stalls;
import io.penstock.infra.engine.Closing;
import io.penstock.schemas.Limits;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./penstock up} runs, from HTTP to the provider and back; one life after another. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class UpTest {
  private static final String QUESTION = "{\"prompt\": \"What is a penstock?\"}";
  private static final Duration SLOW = Duration.ofMinutes(10);
  private static final Duration CLOSED_WITHIN = Duration.ofSeconds(10);
  private static final Duration SOON = Duration.ofMinutes(1);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path dir;

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static Closing closing = new Closing();
  private static URI ingress;
  private static URI simulator;

  @BeforeAll
  static void up() {
    UpCommand.Up up = UpCommand.start(TestingUp.quick(dir), closing);
    ingress = up.http();
    simulator = up.embedded().engine().providers().simulator().orElseThrow();
  }

  @AfterAll
  static void down() {
    closing.close();
    CLIENT.close();
  }

  @Test
  @Order(1)
  void aQuestionIsAnsweredByTheProviderAndTheSameAgainFromTheCache() throws Exception {
    JsonNode first = ask(QUESTION);
    assertThat(first.path("served_by").asText()).isEqualTo("provider");
    JsonNode again = ask(QUESTION);
    assertThat(again.path("served_by").asText()).isEqualTo("exact");
    assertThat(again.path("text")).isEqualTo(first.path("text"));
    assertThat(again.path("avoided_usd")).isEqualTo(first.path("cost_usd"));
  }

  @Test
  @Order(2)
  void theLargestPromptPassesThroughEverything() throws Exception {
    String prompt = "x".repeat(Limits.LARGEST_TEXT_BYTES);
    JsonNode answer = ask("{\"max_tokens\": 5, \"prompt\": \"" + prompt + "\"}");
    assertThat(answer.path("served_by").asText()).isEqualTo("provider");
    assertThat(answer.path("usage").path("input_tokens").asLong())
        .isGreaterThanOrEqualTo(Limits.LARGEST_TEXT_BYTES / 4);
  }

  @Test
  @Order(3)
  void theLedgerAndTheProviderAgreeOnWhatWasSpent() throws Exception {
    JsonNode stats = get(simulator.resolve("/admin/stats"));
    assertThat(stats.path("calls").asLong()).isEqualTo(2);
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(spent()).isEqualByComparingTo(usd(stats, "cost_usd")));
  }

  @Test
  @Order(4)
  void theCostsAreOnAPageForPeopleAndProgramsAlike() throws Exception {
    await().atMost(SOON).until(() -> costs("--by", "cause").contains("of 3 events"));
    JsonNode told = get(ingress.resolve("/v1/costs?by=cause"));
    assertThat(costs("--by", "cause", "--json")).isEqualTo(told.toPrettyString() + "\n");
    assertThat(costs("--by", "cause"))
        .startsWith("Costs by cause\n")
        .contains("avoided    exact $" + usd(told.path("total"), "avoided_usd").toPlainString())
        .containsPattern("total +3 ")
        .contains("unknown    0 of 3 events (0.0 %)");
    assertThat(costs("--by", "colour")).contains("penstock: --by: by is one of tenant, key,");
    assertThat(costs("--from", "2026-02-30")).contains("penstock: --from: from is a day in UTC");
  }

  private static String costs(String... options) {
    var said = new StringWriter();
    var arguments = new ArrayList<>(List.of("costs", "--url", ingress.toString()));
    arguments.addAll(List.of(options));
    var _ =
        Penstock.commandLine(Map.of())
            .setOut(new PrintWriter(said))
            .setErr(new PrintWriter(said))
            .execute(arguments.toArray(String[]::new));
    return said.toString();
  }

  @Test
  @Order(5)
  void aRestartKeepsTheCacheAndTheLedger() throws Exception {
    BigDecimal before = spent();
    closing.close();
    closing = new Closing();
    up();
    assertThat(ask(QUESTION).path("served_by").asText()).isEqualTo("exact");
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(spent()).isEqualByComparingTo(before).isPositive());
  }

  @Test
  @Order(6)
  void stoppingDoesNotWaitForASlowCall() throws Exception {
    post(simulator.resolve("/admin/latency"), "{\"to_first_token_ms\": " + SLOW.toMillis() + "}");
    CompletableFuture<HttpResponse<String>> slow =
        CLIENT.sendAsync(
            request(ingress.resolve("/v1/inference"), "{\"prompt\": \"Take your time\"}"),
            HttpResponse.BodyHandlers.ofString());
    await()
        .atMost(SOON)
        .until(() -> get(simulator.resolve("/admin/stats")).path("calls").asLong() == 1);
    try (var stalls = new Stalls()) {
      closing.close();
      assertThat(stalls.running()).isLessThan(CLOSED_WITHIN);
    }
    assertThat(slow.join().statusCode()).isEqualTo(202); // with the id under which to ask later
  }

  private static JsonNode ask(String body) throws IOException, InterruptedException {
    return post(ingress.resolve("/v1/inference"), body);
  }

  private static BigDecimal spent() throws IOException, InterruptedException {
    return usd(get(ingress.resolve("/v1/costs")).path("total"), "spent_usd");
  }

  private static BigDecimal usd(JsonNode node, String field) {
    return new BigDecimal(node.path(field).asText("-1"));
  }

  private static JsonNode post(URI url, String body) throws IOException, InterruptedException {
    return json(CLIENT.send(request(url, body), HttpResponse.BodyHandlers.ofString()));
  }

  private static JsonNode get(URI url) throws IOException, InterruptedException {
    return json(
        CLIENT.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofString()));
  }

  private static JsonNode json(HttpResponse<String> response) throws IOException {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private static HttpRequest request(URI url, String body) {
    return HttpRequest.newBuilder(url)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }
}
