package io.penstock.infra.soak;

import static org.awaitility.Awaitility.await;

import io.penstock.infra.engine.Closing;
import io.penstock.schemas.Money;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A thousand requests at once, worth several dollars, against a budget of one: over two topologies,
 * each a process of its own, of which one may be killed in the middle.
 */
@Tag("soak")
final class BudgetOvershootSoak {
  private static final Money LIMIT = Money.parse("1");
  private static final int REQUESTS = Integer.getInteger("soak.requests", 1_000);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  private final Closing closing = new Closing();

  @AfterEach
  void stop() {
    closing.close();
  }

  @Test
  void aThousandRequestsSpendNoMoreThanTheirDollar() throws IOException {
    try (var world = world();
        var rush = new Rush(world.http)) {
      world.spree().holds("two topologies", Rush.ends(rush.ask(REQUESTS)));
    }
  }

  @Test
  void aTopologyThatIsKilledInTheMiddleSpendsNothingTwice() throws IOException {
    try (var world = world();
        var rush = new Rush(world.http)) {
      List<CompletableFuture<Rush.End>> asked = rush.ask(REQUESTS);
      await()
          .atMost(Duration.ofMinutes(2))
          .pollInterval(Duration.ofMillis(10))
          .until(() -> asked.stream().filter(CompletableFuture::isDone).count() >= REQUESTS / 20);
      world.second.kill();
      System.out.printf(
          "killed one topology after %d of %d ends%n",
          asked.stream().filter(CompletableFuture::isDone).count(), REQUESTS);
      world.spree().holds("one of two topologies killed", Rush.ends(asked));
    }
  }

  private record World(Cluster cluster, PenstockProcess second, int http) implements AutoCloseable {
    Spree spree() {
      return new Spree(LIMIT, cluster.kafka(), cluster.topics(), cluster::stats);
    }

    @Override
    public void close() {
      cluster.close();
    }
  }

  private World world() throws IOException {
    Spree.budget(directory, LIMIT);
    Cluster cluster = closing.add(new Cluster(directory, Duration.ofMillis(200)));
    cluster.topology("topology-a");
    PenstockProcess second = cluster.topology("topology-b");
    cluster.worker("worker");
    int http = cluster.ingress("ingress").http();
    try (var asking = new Asking(http)) {
      asking.awaitReady();
    }
    Spree.awaitShared(cluster.kafka(), 2);
    return new World(cluster, second, http);
  }
}
