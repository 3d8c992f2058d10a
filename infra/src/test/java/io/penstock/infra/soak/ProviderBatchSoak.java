package io.penstock.infra.soak;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.infra.engine.Closing;
import io.penstock.policies.cost.ServiceTier;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.avro.Status;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Five thousand requests through a provider's batches, with lines that fail, a batch that expires,
 * and workers and topologies that are killed: each is answered once, and the ledger is the
 * provider's bill. The provider's hours are seconds here. {@code -Dsoak.lines=N} sets how many.
 */
@Tag("soak")
final class ProviderBatchSoak {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LINES = Integer.getInteger("soak.lines", 5_000);
  private static final Duration WITHIN = Duration.ofMinutes(8);

  private static final Map<String, String> SETTINGS =
      Map.of(
          "PENSTOCK_JOBS_MOST", Integer.toString(LINES * 2 / 5),
          "PENSTOCK_JOBS_IDLE", "3s",
          "PENSTOCK_JOBS_FIRST_POLL", "1s",
          "PENSTOCK_JOBS_LONGEST_POLL", "2s",
          "PENSTOCK_JOBS_TASK_LEASE", "6s",
          "PENSTOCK_JOBS_SHORTEST", "80s",
          "PENSTOCK_JOBS_RESCUE", "70s",
          "PENSTOCK_JOBS_RESERVE", "60s");

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final Closing closing = new Closing();
  private final HttpClient http = closing.add(HttpClient.newHttpClient());
  private final Random random = new Random(7);

  @AfterEach
  void stop() {
    closing.close();
  }

  /** Somebody to ask, and who can be killed. */
  private record World(
      Cluster cluster, PenstockProcess topology, PenstockProcess worker, URI ingress) {}

  @ParameterizedTest
  @ValueSource(strings = {"gpt-5-mini", "claude-haiku-4-5"})
  void everyLineIsAnsweredOnceAndBilledAsAPartOfABatch(String model) throws Exception {
    World world = world();
    plan(
        world,
        """
        {"per_batch_ms": 6000, "per_item_ms": 2, "fail_rate": 0.03, "fail_with": "500",
         "expire": 1, "expire_after": 0.5, "seed": 7}
        """);
    try (var logs = new Logs(world.cluster())) {
      Set<String> asked = ask(world, model, Duration.ofHours(24));
      for (int kill = 0; kill < 2; kill++) {
        for (PenstockProcess victim : List.of(world.worker(), world.topology())) {
          LockSupport.parkNanos(Duration.ofMillis(2_000 + random.nextInt(4_000)).toNanos());
          victim.kill();
          victim.restart();
        }
      }
      answered(logs, asked, WITHIN);
      Map<String, BigInteger> byTier = exactBooks(model, logs, world);
      assertThat(byTier.get("batch")).as("half of what it would have been").isPositive();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt-5-mini", "claude-haiku-4-5"})
  void whatABatchOwesAtTheDeadlineIsAnsweredInTime(String model) throws Exception {
    World world = world();
    // Some of it is there before it has to be called off.
    plan(world, "{\"per_batch_ms\": 5000, \"per_item_ms\": %d}".formatted(60_000 / LINES + 5));
    try (var logs = new Logs(world.cluster())) {
      Instant deadlineAt = Instant.now().plus(Duration.ofMinutes(2));
      Set<String> asked = ask(world, model, Duration.ofMinutes(2));
      answered(logs, asked, Duration.between(Instant.now(), deadlineAt));
      Map<String, BigInteger> byTier = exactBooks(model, logs, world);
      assertThat(byTier.keySet()).contains("batch", "default");
    }
  }

  private World world() throws IOException {
    var settings = new HashMap<>(SETTINGS);
    settings.put(
        "OPENAI_BASE_URL", ""); // Whoever is given so takes no batches: its row below does.
    Cluster cluster = closing.add(new Cluster(directory, Duration.ofMillis(50), settings));
    Files.writeString(
        directory.resolve("penstock.yaml"),
        """
        providers:
          openai:
            like: openai
            base_url: %s/v1
            serves: [gpt-5-mini]
        """
            .formatted(cluster.provider()));
    PenstockProcess topology = cluster.topology("topology");
    PenstockProcess worker = cluster.worker("worker");
    Cluster.IngressProcess ingress = cluster.ingress("ingress");
    try (var asking = new Asking(ingress.http())) {
      asking.awaitReady();
    }
    return new World(cluster, topology, worker, URI.create("http://127.0.0.1:" + ingress.http()));
  }

  private void plan(World world, String plan) throws Exception {
    post(world.cluster().provider().resolve("/admin/batches"), plan);
  }

  private Set<String> ask(World world, String model, Duration deadline) throws Exception {
    ObjectNode body = JSON.createObjectNode();
    ArrayNode requests = body.putArray("requests");
    for (int i = 0; i < LINES; i++) {
      requests
          .addObject()
          .put("model", model)
          .put("max_tokens", 20)
          .put("deadline_ms", deadline.toMillis())
          .put("prompt", "question " + i + " of a batch");
    }
    var ids =
        JSON.readTree(post(world.ingress().resolve("/v1/batch"), body.toString())).path("ids");
    var asked = new HashSet<String>();
    ids.forEach(id -> asked.add(id.asText()));
    assertThat(asked).hasSize(LINES);
    return asked;
  }

  private String post(URI uri, String body) throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
    return response.body();
  }

  private static void answered(Logs logs, Set<String> asked, Duration within) {
    Instant begun = Instant.now();
    Awaitility.await()
        .atMost(within)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() -> assertThat(logs.answers().keySet()).hasSize(asked.size()));
    assertThat(logs.answers().keySet()).isEqualTo(asked);
    assertThat(logs.answers().values())
        .allSatisfy(texts -> assertThat(texts).as("one answer, however often told").hasSize(1));
    System.out.printf(
        "%d lines, each answered once, in %d s%n",
        asked.size(), Duration.between(begun, Instant.now()).toSeconds());
  }

  /** The ledger is the provider's bill to the pico-dollar; what was spent in each service tier. */
  private static Map<String, BigInteger> exactBooks(String model, Logs logs, World world) {
    System.out.printf(
        "%s: the ledger has %s, the provider %s pico-dollars%n",
        model, logs.books().spent(EnumSet.allOf(Provenance.class)), world.cluster().stats().cost());
    logs.books().valid().stream()
        .filter(event -> event.getProvenance() != Provenance.REPORTED)
        .filter(event -> event.getSpentPicoUsd() == null || event.getSpentPicoUsd() != 0)
        .limit(3)
        .forEach(event -> System.out.println("not reported: " + event));
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() ->
            assertThat(logs.books().spent(EnumSet.allOf(Provenance.class)))
                .isEqualTo(world.cluster().stats().cost()));
    Map<String, List<CostEvent>> byTier =
        logs.books().valid().stream()
            .filter(event -> event.getAttemptId() != null)
            .collect(Collectors.groupingBy(event -> ServiceTier.of(event.getServiceTier())));
    var spent = new HashMap<String, BigInteger>();
    byTier.forEach((tier, events) -> {
      spent.put(tier, new Books(events).spent(EnumSet.allOf(Provenance.class)));
      System.out.printf(
          "%s at the tier %s: %d attempts, %s pico-dollars%n",
          model, tier, events.size(), spent.get(tier));
    });
    System.out.printf(
        "bill of the simulator: %s pico-dollars; orphaned attempts in the ledger: %d%n",
        world.cluster().stats().cost(), logs.books().events(Provenance.ORPHANED));
    return spent;
  }

  /** What the log says, to anybody who reads it from its beginning. */
  private static final class Logs implements AutoCloseable {
    private final TopicLog<InferenceResponse> responses;
    private final TopicLog<CostEvent> billing;

    Logs(Cluster cluster) {
      Topics topics = cluster.topics();
      this.responses = new TopicLog<>(cluster.kafka(), topics.responses());
      this.billing = new TopicLog<>(cluster.kafka(), topics.billing());
    }

    /** By request, the answers that it got. */
    Map<String, Set<String>> answers() {
      return responses.all().stream()
          .filter(response -> response.getStatus() == Status.ANSWERED)
          .collect(
              Collectors.groupingBy(
                  InferenceResponse::getId, Collectors.mapping(Logs::text, Collectors.toSet())));
    }

    private static String text(InferenceResponse response) {
      return String.valueOf(response.getAnswer());
    }

    Books books() {
      return Books.of(billing.all());
    }

    @Override
    public void close() {
      responses.close();
      billing.close();
    }
  }
}
