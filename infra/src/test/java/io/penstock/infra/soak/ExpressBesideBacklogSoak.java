package io.penstock.infra.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.simulator.Simulator;
import io.penstock.infra.engine.Closing;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a backlog on the batch lane does to express, HTTP to HTTP, on one machine for everything:
 * express without it and beside it, in turns, at the same rate, in one run. Every question of the
 * backlog is another one and costs a call; of express one half are exact hits, the other fresh
 * calls.
 */
@Tag("soak")
final class ExpressBesideBacklogSoak {
  private static final int BACKLOG = Integer.getInteger("soak.backlog", 200_000);
  private static final int TURNS = Integer.getInteger("soak.turns", 2);
  private static final int RATE = 50;
  private static final Pace TURN =
      new Pace(RATE, Duration.ofSeconds(Integer.getInteger("soak.seconds", 60)));

  // When express comes back, batch is at full speed: what is in the machine has to go first.
  private static final Pace COMING = new Pace(RATE, Duration.ofSeconds(5));

  // The JVM compiles about that long under load (docs/measurements.md, Kafka §9).
  private static final List<Pace> WARM_UP =
      List.of(new Pace(RATE, Duration.ofSeconds(20)), new Pace(150, Duration.ofSeconds(40)));
  private static final int PROMPTS = 100;
  private static final double MOST = 1.5;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final Closing closing = new Closing();
  private final AtomicInteger next = new AtomicInteger();

  @AfterEach
  void stop() {
    closing.close();
  }

  @Test
  void expressIsAlmostAsFastBesideABacklogAsWithoutOne() {
    Simulator simulator = closing.add(Cluster.simulator(Duration.ofMillis(20)));
    UpProcess up = UpProcess.start(directory, simulator, closing);
    try (var asking = new Asking(up.http())) {
      asking.awaitReady();
    }
    var http = closing.add(HttpClient.newHttpClient());
    var backlog = closing.add(new Backlog(up.kafka(), up.topics(), "soak"));
    WARM_UP.forEach(pace -> pace.of(() -> ask(http, up.http())));
    backlog.grow(RATE * 20); // Warms the way of batch.
    drain(backlog, simulator);

    var without = new ArrayList<Duration>();
    var beside = new ArrayList<Duration>();
    for (int turn = 0; turn < TURNS; turn++) {
      long atRest = calls(simulator);
      List<Duration> alone = TURN.of(() -> express(http, up.http()));
      without.addAll(alone);
      assertThat(calls(simulator) - atRest).as("half were hits").isEqualTo(alone.size() / 2);
      backlog.grow(BACKLOG);
      print("as express comes", COMING.of(() -> express(http, up.http())));
      long before = calls(simulator);
      long letIn = backlog.letIn();
      List<Duration> took = TURN.of(() -> express(http, up.http()));
      beside.addAll(took);
      double seconds = TURN.length().toMillis() / 1e3;
      System.out.printf(
          "batch beside express: %.0f let in, %.0f answered a second, %d still wait%n",
          (backlog.letIn() - letIn) / seconds,
          (calls(simulator) - before - took.size() / 2) / seconds,
          backlog.onLane() - backlog.letIn());
      assertThat(backlog.onLane())
          .as("there was a backlog to the end")
          .isGreaterThan(backlog.letIn());
      if (turn + 1 < TURNS) {
        drain(backlog, simulator);
      }
    }

    for (Kind kind : Kind.values()) {
      print("without backlog, " + kind.words, kind.of(without));
      print("beside backlog, " + kind.words, kind.of(beside));
      System.out.printf(
          "ratio, %s: p50 %.2f, p95 %.2f, p99 %.2f%n",
          kind.words,
          ratio(kind, beside, without, 0.50),
          ratio(kind, beside, without, 0.95),
          ratio(kind, beside, without, 0.99));
    }
    for (double share : new double[] {0.50, 0.95, 0.99}) {
      assertThat(ratio(Kind.ALL, beside, without, share))
          .as("p%.0f beside a backlog over p%.0f without", share * 100, share * 100)
          .isLessThanOrEqualTo(MOST);
    }
  }

  /** Which of the answers, as they alternate. */
  private enum Kind {
    ALL("all", 1, 0),
    HITS("exact hits", 2, 0),
    FRESH("fresh calls", 2, 1);

    private final String words;
    private final int every;
    private final int from;

    Kind(String words, int every, int from) {
      this.words = words;
      this.every = every;
      this.from = from;
    }

    List<Duration> of(List<Duration> took) {
      return IntStream.range(0, took.size())
          .filter(i -> i % every == from)
          .mapToObj(took::get)
          .toList();
    }
  }

  private static void drain(Backlog backlog, Simulator simulator) {
    long waiting = backlog.onLane() - backlog.letIn();
    long before = calls(simulator);
    long begun = System.nanoTime();
    Awaitility.await()
        .atMost(Duration.ofMinutes(30))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> backlog.letIn() >= backlog.onLane() && calls(simulator) >= before + waiting);
    double seconds = (System.nanoTime() - begun) / 1e9;
    System.out.printf("batch without express: %.0f answered a second%n", waiting / seconds);
  }

  private static long calls(Simulator simulator) {
    return SimulatorStats.of(simulator.port()).calls();
  }

  private CompletableFuture<Void> express(HttpClient http, int port) {
    return ask(http, port)
        .thenAccept(
            response -> assertThat(response.statusCode()).as(response.body()).isEqualTo(200));
  }

  private CompletableFuture<HttpResponse<String>> ask(HttpClient http, int port) {
    int number = next.getAndIncrement();
    String prompt =
        number % 2 == 0 ? "question number " + number % PROMPTS : "fresh question " + number;
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/inference"))
            .timeout(Duration.ofMinutes(2))
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"priority\":\"express\",\"model\":\"gpt-5-mini\",\"prompt\":\""
                        + prompt
                        + "\"}"))
            .build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  private static void print(String what, List<Duration> took) {
    System.out.printf(
        "%-30s %d at %d/s: p50 %.2f ms, p95 %.2f ms, p99 %.2f ms%n",
        what, took.size(), RATE, millis(took, 0.50), millis(took, 0.95), millis(took, 0.99));
  }

  private static double ratio(
      Kind kind, List<Duration> beside, List<Duration> without, double share) {
    return millis(kind.of(beside), share) / millis(kind.of(without), share);
  }

  private static double millis(List<Duration> took, double share) {
    List<Duration> sorted = took.stream().sorted().toList();
    return sorted.get((int) (share * (sorted.size() - 1))).toNanos() / 1e6;
  }
}
