package io.penstock.infra.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.broker.EmbeddedBroker;
import io.penstock.embedded.registry.EmbeddedRegistry;
import io.penstock.embedded.registry.RegistryFacade;
import io.penstock.embedded.simulator.Latency;
import io.penstock.embedded.simulator.Simulator;
import io.penstock.embedded.simulator.SimulatorSettings;
import io.penstock.infra.engine.Closing;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.registry.HttpSchemaRegistry;
import io.penstock.schemas.registry.RegistrySettings;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} under load, again and again, then a restart. Nobody who was accepted stays
 * without a terminal response; what each kill may cost in provider calls is asserted; the ledger is
 * held against the simulator's own count. {@code -Dsoak.rounds=N} sets the number of rounds.
 */
@Tag("soak")
final class KillRoundsSoak {
  private static final int ROUNDS = Integer.getInteger("soak.rounds", 20);
  private static final int PROMPTS = 40;
  private static final int CALLERS_PER_PROMPT = 2;
  private static final Duration SETTLE_WITHIN = Duration.ofMinutes(2);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final Closing closing = new Closing();
  private final Random random = new Random(7);
  private final Simulator simulator = simulator();

  @AfterEach
  void stop() {
    closing.close();
  }

  @Test
  void aKilledTopologyPaysNothingTwice() {
    Parts parts = startParts();
    rounds("topology", parts.world(), parts.topology(), Extra.NONE);
  }

  @Test
  void aKilledIngressPaysNothingTwice() {
    Parts parts = startParts();
    rounds("ingress", parts.world(), parts.ingress(), Extra.NONE);
  }

  @Test
  void aKilledWorkerPaysTwiceOnlyForTheCallsInItsHands() {
    Parts parts = startParts();
    rounds("worker", parts.world(), parts.worker(), Extra.ORPHANS);
  }

  @Test
  void aKilledEngineComesBackWithEverythingItAccepted() {
    int http = FreePorts.next();
    int kafka = FreePorts.next();
    int registryPort = FreePorts.next();
    var up =
        new PenstockProcess(
            "up",
            directory,
            providers(),
            List.of(
                "up",
                "--http-port=" + http,
                "--kafka-port=" + kafka,
                "--registry-port=" + registryPort,
                "--data-dir=" + directory.resolve("data")));
    closing.add(up::kill);
    World world = new World(http, "127.0.0.1:" + kafka, "http://127.0.0.1:" + registryPort);
    rounds("up", world, up, Extra.ORPHANS);
  }

  /** What a kill may cost beyond one call for each prompt. */
  private enum Extra {
    NONE,
    ORPHANS
  }

  private record World(int http, String kafka, String registry) {}

  private record Parts(
      World world, PenstockProcess topology, PenstockProcess ingress, PenstockProcess worker) {}

  private void rounds(String what, World world, PenstockProcess victim, Extra extra) {
    try (var asking = new Asking(world.http())) {
      awaitReady(asking);
      KafkaConnection kafka = KafkaConnection.to(world.kafka());
      var topics =
          new Topics(
              "penstock.",
              4,
              closing.add(new HttpSchemaRegistry(RegistrySettings.of(world.registry()))));
      try (var requests = new TopicLog<>(kafka, topics.requests(Lane.STANDARD));
          var responses = new TopicLog<>(kafka, topics.responses());
          var billing = new TopicLog<>(kafka, topics.billing())) {
        for (int round = 1; round <= ROUNDS; round++) {
          round(what, round, victim, asking, requests, responses, billing);
        }
        books(what, extra, billing);
      }
    }
  }

  private void round(
      String what,
      int round,
      PenstockProcess victim,
      Asking asking,
      TopicLog<InferenceRequest> requests,
      TopicLog<InferenceResponse> responses,
      TopicLog<CostEvent> billing) {
    long callsBefore = SimulatorStats.of(simulator.port()).calls();
    long orphansBefore = Books.of(billing.all()).events(Provenance.ORPHANED);
    var prompts = new ArrayList<String>();
    for (int i = 0; i < PROMPTS * CALLERS_PER_PROMPT; i++) {
      prompts.add(what + " round " + round + " prompt " + i % PROMPTS);
    }
    List<CompletableFuture<Integer>> answers = asking.ask(prompts);
    LockSupport.parkNanos(Duration.ofMillis(100 + random.nextInt(500)).toNanos());
    victim.kill();
    victim.restart();

    awaitReady(asking);
    answers.forEach(CompletableFuture::join);
    Set<String> accepted =
        requests.all().stream().map(InferenceRequest::getId).collect(Collectors.toSet());
    Awaitility.await()
        .atMost(SETTLE_WITHIN)
        .untilAsserted(() -> assertThat(answered(responses)).containsAll(accepted));

    long calls = SimulatorStats.of(simulator.port()).calls() - callsBefore;
    long orphans = Books.of(billing.all()).events(Provenance.ORPHANED) - orphansBefore;
    long asked =
        requests.all().stream()
            .map(r -> r.getMessages().getFirst().getContent())
            .filter(text -> text.startsWith(what + " round " + round + " "))
            .distinct()
            .count();
    System.out.printf(
        "%s round %2d: %d accepted so far, all answered; %d prompts reached the log, %d calls,"
            + " %d orphans; callers saw %s%n",
        what, round, accepted.size(), asked, calls, orphans, statuses(answers));
    assertThat(calls).as("calls").isBetween(asked, asked + orphans);
    if (what.equals("topology") || what.equals("ingress")) {
      assertThat(calls).as("no second call").isEqualTo(asked);
    }
  }

  private void books(String what, Extra extra, TopicLog<CostEvent> billing) {
    Awaitility.await()
        .atMost(SETTLE_WITHIN)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() ->
            assertThat(Books.of(billing.all()).spent(EnumSet.allOf(Provenance.class)))
                .isPositive());
    Books books = Books.of(billing.all());
    BigInteger reported = books.spent(Set.of(Provenance.REPORTED));
    BigInteger estimated = books.spent(Set.of(Provenance.ESTIMATED, Provenance.ORPHANED));
    SimulatorStats stats = SimulatorStats.of(simulator.port());
    System.out.printf(
        "%s ledger: reported %s, simulator cost %s (difference %s); estimated %s for %d orphans,"
            + " simulator undelivered %s%n",
        what,
        reported,
        stats.cost(),
        stats.cost().subtract(reported),
        estimated,
        books.events(Provenance.ORPHANED),
        stats.undelivered());
    if (extra == Extra.NONE) {
      assertThat(reported).isEqualTo(stats.cost());
      assertThat(estimated).isEqualTo(BigInteger.ZERO);
    } else {
      assertThat(reported).isLessThanOrEqualTo(stats.cost());
    }
  }

  private static Set<String> answered(TopicLog<InferenceResponse> responses) {
    return responses.all().stream().map(InferenceResponse::getId).collect(Collectors.toSet());
  }

  private static Map<Integer, Long> statuses(List<CompletableFuture<Integer>> answers) {
    return answers.stream()
        .collect(Collectors.groupingBy(CompletableFuture::join, Collectors.counting()));
  }

  private static void awaitReady(Asking asking) {
    Awaitility.await()
        .atMost(SETTLE_WITHIN)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> asking.get("/health/ready") == 200);
  }

  private Parts startParts() {
    EmbeddedBroker broker = closing.add(EmbeddedBroker.start(directory.resolve("kafka"), 0));
    KafkaConnection kafka = KafkaConnection.to(broker.bootstrap());
    EmbeddedRegistry registry = closing.add(EmbeddedRegistry.open(kafka, "penstock."));
    RegistryFacade facade = closing.add(RegistryFacade.start(registry, 0));
    int http = FreePorts.next();
    PenstockProcess topology =
        part("topology", broker, facade, "--metrics-port=0", "--data-dir=topology");
    PenstockProcess worker = part("worker", broker, facade, "--metrics-port=0");
    PenstockProcess ingress =
        part("ingress", broker, facade, "--http-port=" + http, "--data-dir=ingress");
    return new Parts(new World(http, broker.bootstrap(), facade.url()), topology, ingress, worker);
  }

  private PenstockProcess part(
      String name, EmbeddedBroker broker, RegistryFacade facade, String... more) {
    var arguments = new ArrayList<String>();
    arguments.add(name);
    arguments.add("--kafka=" + broker.bootstrap());
    arguments.add("--registry=" + facade.url());
    arguments.addAll(List.of(more));
    var process = new PenstockProcess(name, directory, providers(), arguments);
    closing.add(process::kill);
    return process;
  }

  private Map<String, String> providers() {
    String url = "http://127.0.0.1:" + simulator.port();
    return Map.of("OPENAI_BASE_URL", url + "/v1");
  }

  private Simulator simulator() {
    return closing.add(
        Simulator.start(
            SimulatorSettings.defaults()
                .withLatency(
                    new Latency(Duration.ofMillis(300), Duration.ofMillis(1), 0, Duration.ZERO)),
            PriceCatalogue.bundledFile()));
  }
}
