package io.penstock.infra.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.simulator.Simulator;
import io.penstock.infra.engine.Closing;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Provenance;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
  private static final Duration FIRST_TOKEN = Duration.ofMillis(300);
  private static final Duration SETTLE_WITHIN = Duration.ofMinutes(2);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final Closing closing = new Closing();
  private final Random random = new Random(7);

  @AfterEach
  void stop() {
    closing.close();
  }

  @Test
  void aKilledTopologyPaysNothingTwice() {
    var parts = parts();
    rounds("topology", parts.world(), parts.topology(), Extra.NONE);
  }

  @Test
  void aKilledIngressPaysNothingTwice() {
    var parts = parts();
    rounds("ingress", parts.world(), parts.ingress(), Extra.NONE);
  }

  @Test
  void aKilledWorkerPaysTwiceOnlyForTheCallsInItsHands() {
    var parts = parts();
    rounds("worker", parts.world(), parts.worker(), Extra.ORPHANS);
  }

  private Parts parts() {
    Cluster cluster = closing.add(new Cluster(directory, FIRST_TOKEN));
    PenstockProcess topology = cluster.topology("topology");
    PenstockProcess worker = cluster.worker("worker");
    Cluster.IngressProcess ingress = cluster.ingress("ingress");
    return new Parts(
        new World(ingress.http(), cluster.kafka(), cluster.topics(), cluster::stats),
        topology,
        ingress.process(),
        worker);
  }

  @Test
  void aKilledEngineComesBackWithEverythingItAccepted() {
    Simulator simulator = closing.add(Cluster.simulator(FIRST_TOKEN));
    UpProcess up = UpProcess.start(directory, simulator, closing);
    var world =
        new World(up.http(), up.kafka(), up.topics(), () -> SimulatorStats.of(simulator.port()));
    rounds("up", world, up.process(), Extra.ORPHANS);
  }

  /** What a kill may cost beyond one call for each prompt. */
  private enum Extra {
    NONE,
    ORPHANS
  }

  private record World(
      int http, KafkaConnection kafka, Topics topics, Supplier<SimulatorStats> stats) {}

  private record Parts(
      World world, PenstockProcess topology, PenstockProcess ingress, PenstockProcess worker) {}

  private void rounds(String what, World world, PenstockProcess victim, Extra extra) {
    try (var asking = new Asking(world.http())) {
      asking.awaitReady();
      Topics topics = world.topics();
      try (var requests = new TopicLog<>(world.kafka(), topics.requests(Lane.STANDARD));
          var responses = new TopicLog<>(world.kafka(), topics.responses());
          var billing = new TopicLog<>(world.kafka(), topics.billing())) {
        var logs = new Logs(requests, responses, billing);
        for (int round = 1; round <= ROUNDS; round++) {
          round(what + " round " + round, victim, asking, logs, extra, world.stats());
        }
        books(what, extra, billing, world.stats());
      }
    }
  }

  private record Logs(
      TopicLog<InferenceRequest> requests,
      TopicLog<InferenceResponse> responses,
      TopicLog<CostEvent> billing) {

    Set<String> accepted() {
      return requests.all().stream().map(InferenceRequest::getId).collect(Collectors.toSet());
    }

    Set<String> answered() {
      return responses.all().stream().map(InferenceResponse::getId).collect(Collectors.toSet());
    }

    long distinctPrompts(String prefix) {
      return requests.all().stream()
          .map(request -> request.getMessages().getFirst().getContent())
          .filter(text -> text.startsWith(prefix + " "))
          .distinct()
          .count();
    }

    long orphans() {
      return Books.of(billing.all()).events(Provenance.ORPHANED);
    }
  }

  private void round(
      String name,
      PenstockProcess victim,
      Asking asking,
      Logs logs,
      Extra extra,
      Supplier<SimulatorStats> stats) {
    long callsBefore = stats.get().calls();
    long orphansBefore = logs.orphans();
    List<String> prompts =
        IntStream.range(0, PROMPTS * CALLERS_PER_PROMPT)
            .mapToObj(i -> name + " prompt " + i % PROMPTS)
            .toList();
    List<CompletableFuture<Integer>> answers = asking.ask(prompts);
    LockSupport.parkNanos(Duration.ofMillis(100 + random.nextInt(500)).toNanos());
    victim.kill();
    victim.restart();

    asking.awaitReady();
    answers.forEach(CompletableFuture::join);
    Set<String> accepted = logs.accepted();
    Awaitility.await()
        .atMost(SETTLE_WITHIN)
        .untilAsserted(() -> assertThat(logs.answered()).containsAll(accepted));

    long asked = logs.distinctPrompts(name);
    // An orphan is written off when its lease is over, which may be after everyone is answered.
    Awaitility.await()
        .atMost(SETTLE_WITHIN)
        .untilAsserted(() ->
            assertThat(stats.get().calls() - callsBefore)
                .as("provider calls of %s", name)
                .isBetween(
                    asked, extra == Extra.NONE ? asked : asked + logs.orphans() - orphansBefore));
    System.out.printf(
        "%s: %d accepted so far, all answered; %d prompts reached the log, %d calls, %d orphans;"
            + " callers saw %s%n",
        name,
        accepted.size(),
        asked,
        stats.get().calls() - callsBefore,
        logs.orphans() - orphansBefore,
        statuses(answers));
  }

  private static void books(
      String what, Extra extra, TopicLog<CostEvent> billing, Supplier<SimulatorStats> simulator) {
    Awaitility.await()
        .atMost(SETTLE_WITHIN)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(() ->
            assertThat(Books.of(billing.all()).spent(EnumSet.allOf(Provenance.class)))
                .isPositive());
    var reckoning = Reckoning.of(Books.of(billing.all()), simulator.get());
    System.out.println(what + " ledger: " + reckoning);
    if (extra == Extra.NONE) {
      reckoning.assertExact();
    } else {
      reckoning.assertWithinEstimates();
    }
  }

  private static Map<Integer, Long> statuses(List<CompletableFuture<Integer>> answers) {
    return answers.stream()
        .collect(Collectors.groupingBy(CompletableFuture::join, Collectors.counting()));
  }
}
