package io.penstock.infra.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.simulator.Simulator;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A provider that refuses every other call, "come back in a second", at twenty calls a second. */
@Tag("soak")
final class RetryAfterSoak {
  private static final Pace PACE = new Pace(20, Duration.ofSeconds(30));

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final Closing closing = new Closing();
  private final AtomicInteger asked = new AtomicInteger();

  @AfterEach
  void stop() {
    closing.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"standard", "batch"})
  void noCallerSeesARefusalThatPasses(String lane) throws IOException, InterruptedException {
    Simulator simulator = closing.add(Cluster.simulator(Duration.ofMillis(20)));
    UpProcess up = UpProcess.start(directory, simulator, closing);
    try (var asking = new Asking(up.http())) {
      asking.awaitReady();
    }
    var http = closing.add(HttpClient.newHttpClient());
    http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + simulator.port() + "/admin/limits"))
            .POST(
                HttpRequest.BodyPublishers.ofString("{\"every_other\":true,\"retry_after\":\"1\"}"))
            .build(),
        HttpResponse.BodyHandlers.discarding());

    var statuses = new ConcurrentHashMap<Integer, Integer>();
    List<Duration> took =
        PACE.of(
            () -> ask(http, up.http(), lane).thenAccept(s -> statuses.merge(s, 1, Integer::sum)));

    List<Duration> sorted = took.stream().sorted().toList();
    System.out.printf(
        "%s: %d calls at %d/s, statuses %s, p50 %d ms, p95 %d ms, slowest %d ms%n",
        lane,
        took.size(),
        PACE.perSecond(),
        new HashMap<>(statuses),
        sorted.get(took.size() / 2).toMillis(),
        sorted.get((int) (took.size() * 0.95)).toMillis(),
        sorted.getLast().toMillis());
    assertThat(statuses).isEqualTo(Map.of(200, took.size()));
  }

  private CompletableFuture<Integer> ask(HttpClient http, int port, String lane) {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
            .timeout(Duration.ofMinutes(3))
            .header("x-penstock-lane", lane)
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"model\":\"gpt-5-mini\",\"messages\":[{\"role\":\"user\",\"content\":"
                        + "\"What is the answer to question number "
                        + asked.incrementAndGet()
                        + "?\"}]}"))
            .build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString())
        .handle((response, failure) -> failure == null ? response.statusCode() : 0);
  }
}
