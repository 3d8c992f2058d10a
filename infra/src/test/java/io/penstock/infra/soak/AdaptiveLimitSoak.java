package io.penstock.infra.soak;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.embedded.simulator.Simulator;
import io.penstock.infra.engine.Closing;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A provider that refuses what is more than it takes, under a limit that is found out, beside
 * limits that are too low, right and too high.
 */
@Tag("soak")
final class AdaptiveLimitSoak {
  private static final int CALLERS = 64;
  private static final Duration WARM_UP = Duration.ofSeconds(15);
  private static final Duration MEASURED =
      Duration.ofSeconds(Integer.getInteger("soak.seconds", 45));
  private static final Duration ANSWERS_AFTER = Duration.ofMillis(600);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private record Figures(double perSecond, Duration p50, Duration p95, long refused) {}

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"concurrent\":20}          | 5 | 20 | 100",
        "{\"requests_per_second\":30} | 5 | 20 | 100",
      })
  void whatIsFoundOutDoesNearlyAsWellAsWhatIsRight(String limits, int low, int right, int high)
      throws IOException, InterruptedException {
    System.out.printf(
        "%s, %d callers, %d s each%n%-10s %9s %8s %8s %8s%n",
        limits, CALLERS, MEASURED.toSeconds(), "limit", "answers/s", "p50 ms", "p95 ms", "refused");
    run(limits, "too low", low, low);
    Figures best = run(limits, "right", right, right);
    run(limits, "too high", high, high);
    Figures adaptive = run(limits, "adaptive", 1, 1024);
    assertThat(adaptive.perSecond).as("throughput").isGreaterThan(0.85 * best.perSecond);
    assertThat(adaptive.p95).as("p95").isLessThan(best.p95.multipliedBy(13).dividedBy(10));
  }

  private Figures run(String limits, String name, int least, int most)
      throws IOException, InterruptedException {
    try (var closing = new Closing()) {
      Simulator simulator = closing.add(Cluster.simulator(ANSWERS_AFTER));
      Path home =
          Files.createDirectory(directory.resolve(name.replace(' ', '-') + limits.length()));
      UpProcess up =
          UpProcess.start(
              home, simulator, closing, "--least-calls=" + least, "--most-calls=" + most);
      try (var asking = new Asking(up.http())) {
        asking.awaitReady();
      }
      try (var admin = new HttpCalls(simulator.port())) {
        admin.post("/admin/limits", limits);
      }
      Crowd crowd =
          closing.add(Crowd.of(CALLERS, up.http(), Map.of("x-penstock-lane", "standard")));
      Thread.sleep(WARM_UP);
      crowd.take();
      long refused = refused(simulator);
      long begun = System.nanoTime();
      Thread.sleep(MEASURED);
      List<Crowd.End> ends = crowd.take();
      double seconds = (System.nanoTime() - begun) / 1e9;
      List<Duration> took =
          ends.stream().filter(end -> end.status() == 200).map(Crowd.End::took).toList();
      var figures =
          new Figures(
              took.size() / seconds,
              Crowd.quantile(took, 0.5),
              Crowd.quantile(took, 0.95),
              refused(simulator) - refused);
      System.out.printf(
          "%-10s %9.1f %8d %8d %8d   %s%n",
          name,
          figures.perSecond,
          figures.p50.toMillis(),
          figures.p95.toMillis(),
          figures.refused,
          Crowd.statuses(ends));
      return figures;
    }
  }

  private static long refused(Simulator simulator) throws IOException {
    URI url = URI.create("http://127.0.0.1:" + simulator.port() + "/admin/stats");
    try (InputStream body = url.toURL().openStream()) {
      JsonNode models = new ObjectMapper().readTree(body).path("by_model");
      return models.path("gpt-5-mini").path("failures").asLong();
    }
  }
}
