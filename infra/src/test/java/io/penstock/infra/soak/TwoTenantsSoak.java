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
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two tenants at a provider that takes twenty calls at a time: one floods it, one asks steadily.
 */
@Tag("soak")
final class TwoTenantsSoak {
  private static final Duration MEASURED =
      Duration.ofSeconds(Integer.getInteger("soak.seconds", 45));
  private static final Pace PACE = new Pace(3, MEASURED);
  private static final Duration WARM_UP = Duration.ofSeconds(15);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final Closing closing = new Closing();
  private final AtomicLong asked = new AtomicLong();

  @AfterEach
  void stop() {
    closing.close();
  }

  @Test
  void aTenantWhoFloodsDoesNotSlowTheOtherDown() throws IOException, InterruptedException {
    Simulator simulator = closing.add(Cluster.simulator(Duration.ofMillis(600)));
    var environment = new HashMap<>(Cluster.calling(simulator.port()));
    environment.put("PENSTOCK_API_KEYS", "key-f=flood,key-s=steady");
    UpProcess up = UpProcess.start(directory, environment, closing);
    try (var asking = new Asking(up.http())) {
      asking.awaitReady();
    }
    try (var admin = new HttpCalls(simulator.port())) {
      admin.post("/admin/limits", "{\"concurrent\":20}");
    }
    var http = closing.add(HttpClient.newHttpClient());
    new Pace(3, WARM_UP).of(() -> ask(http, up.http()));

    Duration alone = round(http, up, 0);
    Duration beside = round(http, up, 200);
    Duration beyondTheSlots = round(http, up, 1_000);
    System.out.printf(
        "beside 200: %.2f, beside 1000: %.2f times as long as alone%n",
        ratio(beside, alone), ratio(beyondTheSlots, alone));
    assertThat(ratio(beside, alone)).isLessThanOrEqualTo(1.5);
  }

  private static double ratio(Duration one, Duration other) {
    return (double) one.toMillis() / other.toMillis();
  }

  /** The steady tenant's p95 beside so many callers of the other. */
  private Duration round(HttpClient http, UpProcess up, int flood) throws InterruptedException {
    try (var crowd = Crowd.of(flood, up.http(), Map.of("x-api-key", "key-f"))) {
      if (flood > 0) {
        Thread.sleep(WARM_UP);
      }
      crowd.take();
      long begun = System.nanoTime();
      List<Duration> took = PACE.of(() -> ask(http, up.http()));
      List<Crowd.End> theirs = crowd.take();
      double seconds = (System.nanoTime() - begun) / 1e9;
      System.out.printf(
          "beside %4d: steady p50 %5d ms, p95 %5d ms, slowest %5d ms; flood %5.1f answers/s %s%n",
          flood,
          Crowd.quantile(took, 0.5).toMillis(),
          Crowd.quantile(took, 0.95).toMillis(),
          Crowd.quantile(took, 1).toMillis(),
          theirs.size() / seconds,
          Crowd.statuses(theirs));
      return Crowd.quantile(took, 0.95);
    }
  }

  private CompletableFuture<Integer> ask(HttpClient http, int port) {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
            .timeout(Duration.ofMinutes(3))
            .header("x-api-key", "key-s")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    Crowd.question("the steady", asked.incrementAndGet())))
            .build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString())
        .thenApply(answer -> {
          assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
          return answer.statusCode();
        });
  }
}
