package io.penstock.infra.soak;

import io.penstock.embedded.simulator.Simulator;
import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.Setting;
import io.penstock.infra.engine.Closing;
import io.penstock.infra.engine.Engine;
import io.penstock.infra.engine.Engines;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Money;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two topologies that spend from one budget. {@link BudgetOvershootSoak} is the large one. */
final class BudgetOvershootTest {
  private static final Money LIMIT = Money.parse("0.15");
  private static final int REQUESTS = 150;

  @TempDir Path directory;

  private final Closing closing = new Closing();

  @AfterEach
  void stop() {
    closing.close();
  }

  @Test
  void twoTopologiesTogetherSpendNoMoreThanThereIsAndHardlyLess() throws Exception {
    Simulator simulator = closing.add(Cluster.simulator(Duration.ofMillis(20)));
    Path file = Spree.budget(directory, LIMIT);
    Engines.Embedded up =
        Engines.embedded(
            Configuration.load(
                file,
                Cluster.calling(simulator.port()),
                Map.of(
                    Setting.DATA_DIR, directory.resolve("first").toString(),
                    Setting.HTTP_PORT, "0",
                    Setting.KAFKA_PORT, "0",
                    Setting.REGISTRY_PORT, "0")),
            closing);
    Engine engine = up.engine();
    engine.provision();
    engine.startTopology(Optional.of("first"));
    Engines.remote(
            Configuration.load(
                file,
                Cluster.calling(simulator.port()),
                Map.of(
                    Setting.DATA_DIR, directory.resolve("second").toString(),
                    Setting.KAFKA, up.bootstrap(),
                    Setting.REGISTRY_URL, up.registryUrl())),
            closing)
        .startTopology(Optional.of("second"));
    engine.startWorkers();
    int http = engine.startIngress().port();
    var kafka = KafkaConnection.to(up.bootstrap());
    Spree.awaitShared(kafka, 2);
    try (var asking = new Asking(http);
        var rush = new Rush(http)) {
      asking.awaitReady();
      new Spree(LIMIT, kafka, engine.topics(), () -> SimulatorStats.of(simulator.port()))
          .holds("two topologies", Rush.ends(rush.ask(REQUESTS)));
    }
  }
}
