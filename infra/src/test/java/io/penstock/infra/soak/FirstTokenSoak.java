package io.penstock.infra.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.simulator.Simulator;
import io.penstock.infra.engine.Closing;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the engine adds to the time to the first token: streams through it beside streams from the
 * provider directly, in turns, in one run.
 */
@Tag("soak")
final class FirstTokenSoak {
  private static final int WARM_UP = 400;
  private static final int STREAMS = 300;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final Closing closing = new Closing();
  private int asked;

  @AfterEach
  void stop() {
    closing.close();
  }

  @Test
  void theFirstTokenComesSoonAfterTheProviderGaveIt() throws IOException {
    Simulator simulator = closing.add(Cluster.simulator(Duration.ofMillis(20)));
    UpProcess up = UpProcess.start(directory, simulator, closing);
    try (var asking = new Asking(up.http())) {
      asking.awaitReady();
    }
    var engine = closing.add(new Streaming(up.http()));
    var direct = closing.add(new Streaming(simulator.port()));
    for (int i = 0; i < WARM_UP; i++) {
      first(engine);
      first(direct);
    }
    var through = new ArrayList<Duration>();
    var beside = new ArrayList<Duration>();
    for (int i = 0; i < STREAMS; i++) {
      through.add(first(engine));
      beside.add(first(direct));
    }
    for (double share : List.of(0.50, 0.95)) {
      System.out.printf(
          "time to first token, p%.0f: %.1f ms through the engine, %.1f ms directly: %.1f ms added%n",
          share * 100,
          millis(through, share),
          millis(beside, share),
          millis(through, share) - millis(beside, share));
    }
    assertThat(millis(through, 0.95) - millis(beside, 0.95))
        .as("added at p95, in ms: the promise of the express lane")
        .isLessThanOrEqualTo(50);
  }

  private Duration first(Streaming from) throws IOException {
    var stream =
        from.stream(
            "{\"model\":\"gpt-5-mini\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":"
                + "\"What is the answer to question number "
                + ++asked
                + "?\"}]}",
            0);
    assertThat(stream.complete()).isTrue();
    return Objects.requireNonNull(stream.firstToken());
  }

  private static double millis(List<Duration> took, double share) {
    List<Duration> sorted = took.stream().sorted().toList();
    return sorted.get((int) (share * (sorted.size() - 1))).toNanos() / 1e6;
  }
}
