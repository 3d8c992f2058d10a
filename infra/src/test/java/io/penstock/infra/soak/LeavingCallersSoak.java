package io.penstock.infra.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.embedded.simulator.Latency;
import io.penstock.embedded.simulator.Simulator;
import io.penstock.embedded.simulator.SimulatorSettings;
import io.penstock.infra.engine.Closing;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.schemas.avro.Provenance;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Callers who hang up, before anything came and in mid-stream: with {@code --on-disconnect=cancel}
 * the provider is hung up on as well, with {@code drain} its answer is taken and cached; the ledger
 * beside the simulator's own count in both.
 */
@Tag("soak")
final class LeavingCallersSoak {
  private static final int CALLERS = 20;
  private static final Set<Provenance> REPORTED = Set.of(Provenance.REPORTED);
  private static final Set<Provenance> ESTIMATED = Set.of(Provenance.ESTIMATED);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final Closing closing = new Closing();
  private Simulator simulator;

  @BeforeEach
  void simulate() {
    // Slow, so that there is time to leave.
    simulator =
        closing.add(
            Simulator.start(
                SimulatorSettings.defaults()
                    .withLatency(
                        new Latency(
                            Duration.ofSeconds(1), Duration.ofMillis(60), 0, Duration.ZERO)),
                PriceCatalogue.bundledFile()));
  }

  @AfterEach
  void stop() {
    closing.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoLeavesIsCancelledUpstreamAndWhatWasReadIsEstimated(boolean stream) throws IOException {
    UpProcess up = up("cancel");

    leave(up, stream);

    Count count = atRest(up, CALLERS);
    print("cancel", stream, count);
    assertThat(count.books.events(Provenance.REPORTED)).isZero();
    assertThat(count.books.attempts()).isEqualTo(CALLERS);
    assertThat(count.simulator.cost()).as("nothing was delivered").isZero();
    assertThat(again(up).path("served_by").asText()).isEqualTo("provider");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoLeavesIsDrainedAndFindsTheAnswerInTheCache(boolean stream) throws IOException {
    UpProcess up = up("drain");

    leave(up, stream);

    Count count = atRest(up, CALLERS);
    print("drain", stream, count);
    assertThat(count.books.spent(REPORTED)).isEqualTo(count.simulator.cost()).isPositive();
    assertThat(count.books.events(Provenance.REPORTED)).isEqualTo(CALLERS);
    assertThat(count.simulator.undelivered()).isZero();
    JsonNode again = again(up);
    assertThat(again.path("served_by").asText()).isEqualTo("exact");
  }

  private UpProcess up(String onDisconnect) {
    UpProcess up =
        UpProcess.start(directory, simulator, closing, "--on-disconnect=" + onDisconnect);
    try (var asking = new Asking(up.http())) {
      asking.awaitReady();
    }
    return up;
  }

  private void leave(UpProcess up, boolean stream) throws IOException {
    for (int caller = 0; caller < CALLERS; caller++) {
      long called = SimulatorStats.of(simulator.port()).calls();
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), up.http())) {
        byte[] body = body(caller, stream).getBytes(StandardCharsets.UTF_8);
        var head =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: penstock\r\nContent-Type: application/json\r\n"
                + "Content-Length: %d\r\n\r\n".formatted(body.length);
        socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().write(body);
        socket.getOutputStream().flush();
        if (stream) {
          readPieces(socket, 3);
        } else {
          await()
              .pollInterval(Duration.ofMillis(10))
              .until(() -> SimulatorStats.of(simulator.port()).calls() > called);
        }
      }
    }
  }

  private static void readPieces(Socket socket, int pieces) throws IOException {
    var lines =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    int seen = 0;
    while (seen < pieces) {
      String line = lines.readLine();
      assertThat(line).as("the stream goes on").isNotNull();
      if (line.contains("\"content\":\"") && !line.contains("\"content\":\"\"")) {
        seen++;
      }
    }
  }

  private JsonNode again(UpProcess up) throws IOException {
    try (var http = new HttpCalls(up.http())) {
      return http.post(
          "/v1/inference",
          "{\"model\":\"gpt-5-mini\",\"messages\":[{\"role\":\"user\",\"content\":\""
              + question(0)
              + "\"}]}");
    }
  }

  private static String body(int caller, boolean stream) {
    return "{\"model\":\"gpt-5-mini\",\"stream\":"
        + stream
        + ",\"messages\":[{\"role\":\"user\",\"content\":\""
        + question(caller)
        + "\"}]}";
  }

  private static String question(int caller) {
    return "Who turns wheel number " + caller + ", and why?";
  }

  private record Count(Books books, SimulatorStats simulator) {}

  private Count atRest(UpProcess up, int calls) {
    try (var billing = new TopicLog<>(up.kafka(), up.topics().billing())) {
      await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(() -> assertThat(Books.of(billing.all()).attempts()).isEqualTo(calls));
      return new Count(Books.of(billing.all()), SimulatorStats.of(simulator.port()));
    }
  }

  private static void print(String how, boolean stream, Count count) {
    BigInteger guessed = count.books.spent(ESTIMATED);
    System.out.printf(
        "%s, %s: %d callers left; reported %s, charged %s; estimated %s, undelivered %s%n",
        how,
        stream ? "in mid-stream" : "before anything came",
        CALLERS,
        count.books.spent(REPORTED),
        count.simulator.cost(),
        guessed,
        count.simulator.undelivered());
  }
}
