package io.penstock.infra.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.simulator.Simulator;
import io.penstock.infra.engine.Closing;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an exact hit costs, HTTP to HTTP, beside a raw echo over two topics of the same broker: in
 * turns, at the same rate, in one run.
 */
@Tag("soak")
final class HitBesideEchoSoak {
  private static final int RATE = 200;
  private static final int TURNS = 4;
  private static final int PROMPTS = 100;
  private static final Duration TURN = Duration.ofSeconds(10);

  // The JVM compiles about that long under load (docs/measurements.md, Kafka §9).
  private static final List<Pace> WARM_UP =
      List.of(new Pace(RATE, Duration.ofSeconds(20)), new Pace(1_000, Duration.ofSeconds(40)));
  // Not met yet where broker, engine and callers share two cores: 2.9 and 2.6 were measured there.
  private static final double AIM = 2;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final Closing closing = new Closing();
  private final AtomicInteger next = new AtomicInteger();

  @AfterEach
  void stop() {
    closing.close();
  }

  @Test
  void anExactHitTakesAtMostTwiceAsLongAsARawEcho() {
    Simulator simulator = closing.add(Cluster.simulator(Duration.ofMillis(20)));
    UpProcess up = UpProcess.start(directory, simulator, closing);
    try (var asking = new Asking(up.http())) {
      asking.awaitReady();
    }
    var http = closing.add(HttpClient.newHttpClient());
    var echo = closing.add(new Echo(up.kafka()));
    byte[] bytes = body(0).getBytes(StandardCharsets.UTF_8);

    for (Pace pace : WARM_UP) {
      pace.of(() -> hit(http, up.http()));
      pace.of(() -> echo.ask(bytes));
    }
    long calls = SimulatorStats.of(simulator.port()).calls();

    var hits = new ArrayList<Duration>();
    var echoes = new ArrayList<Duration>();
    var pace = new Pace(RATE, TURN);
    for (int turn = 0; turn < TURNS; turn++) {
      hits.addAll(pace.of(() -> hit(http, up.http())));
      echoes.addAll(pace.of(() -> echo.ask(bytes)));
    }

    double ratio = millis(hits, 0.95) / millis(echoes, 0.95);
    print("exact hit, HTTP to HTTP", hits);
    print("raw Kafka echo", echoes);
    System.out.printf("p95 ratio %.2f (aim: 2)%n", ratio);
    assertThat(SimulatorStats.of(simulator.port()).calls()).as("all were hits").isEqualTo(calls);
    assertThat(ratio).as("p95 of a hit over p95 of an echo").isLessThanOrEqualTo(AIM);
  }

  private CompletableFuture<Void> hit(HttpClient http, int port) {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/inference"))
            .POST(HttpRequest.BodyPublishers.ofString(body(next.incrementAndGet() % PROMPTS)))
            .build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString())
        .thenAccept(response -> assertThat(response.statusCode()).isEqualTo(200));
  }

  private static String body(int prompt) {
    return "{\"prompt\":\"What is the answer to question number " + prompt + "?\"}";
  }

  private static void print(String what, List<Duration> took) {
    System.out.printf(
        "%-24s %d at %d/s: p50 %.2f ms, p95 %.2f ms, p99 %.2f ms%n",
        what, took.size(), RATE, millis(took, 0.50), millis(took, 0.95), millis(took, 0.99));
  }

  private static double millis(List<Duration> took, double share) {
    List<Duration> sorted = took.stream().sorted().toList();
    return sorted.get((int) (share * (sorted.size() - 1))).toNanos() / 1e6;
  }
}
