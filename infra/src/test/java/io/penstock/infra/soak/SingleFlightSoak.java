package io.penstock.infra.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.infra.engine.Closing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two ingresses, two topologies and two workers, each a process of its own on one broker: identical
 * requests make one provider call.
 */
@Tag("soak")
final class SingleFlightSoak {
  private static final int IDENTICAL = 200;
  private static final int ROUNDS = 5;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final Closing closing = new Closing();

  @AfterEach
  void stop() {
    closing.close();
  }

  @Test
  void twoHundredIdenticalRequestsOverTwoIngressesAndTwoTopologiesMakeOneCall() {
    Cluster cluster = closing.add(new Cluster(directory, Duration.ofMillis(400)));
    cluster.topology("topology-a");
    cluster.topology("topology-b");
    cluster.worker("worker-a");
    cluster.worker("worker-b");
    int first = cluster.ingress("ingress-a").http();
    int second = cluster.ingress("ingress-b").http();
    try (var asking = new Asking(first, second)) {
      asking.awaitReady();
      for (int round = 1; round <= ROUNDS; round++) {
        long before = cluster.stats().calls();
        List<CompletableFuture<Integer>> answers =
            asking.ask(Collections.nCopies(IDENTICAL, "identical, round " + round));
        Map<Integer, Long> statuses =
            answers.stream()
                .map(CompletableFuture::join)
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        long calls = cluster.stats().calls() - before;
        System.out.printf(
            "single flight round %d: %d identical requests, %d provider calls, statuses %s%n",
            round, IDENTICAL, calls, statuses);
        assertThat(calls).isOne();
        assertThat(statuses).containsOnlyKeys(200);
      }
    }
  }
}
