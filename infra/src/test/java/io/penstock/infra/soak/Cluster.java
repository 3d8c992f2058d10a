package io.penstock.infra.soak;

import io.penstock.embedded.broker.EmbeddedBroker;
import io.penstock.embedded.registry.EmbeddedRegistry;
import io.penstock.embedded.registry.RegistryFacade;
import io.penstock.embedded.simulator.Latency;
import io.penstock.embedded.simulator.Simulator;
import io.penstock.embedded.simulator.SimulatorSettings;
import io.penstock.infra.engine.Closing;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topics;
import io.penstock.schemas.registry.HttpSchemaRegistry;
import io.penstock.schemas.registry.RegistrySettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Broker, registry and simulator in this JVM; every part of the engine a process of the launcher.
 */
final class Cluster implements AutoCloseable {
  /** As many as a process assumes when nobody says otherwise. */
  static final int PARTITIONS = 4;

  private final Path directory;
  private final Closing closing = new Closing();
  private final Simulator simulator;
  private final EmbeddedBroker broker;
  private final RegistryFacade registry;
  private final Map<String, String> environment;

  /**
   * Starts the servers.
   *
   * @param firstToken how long the provider takes to its first token
   */
  Cluster(Path directory, Duration firstToken) {
    this(directory, firstToken, Map.of());
  }

  /**
   * As above.
   *
   * @param settings of every process, in its environment, beside who its provider is; an empty one
   *     takes that away
   */
  Cluster(Path directory, Duration firstToken, Map<String, String> settings) {
    this.directory = directory;
    this.simulator = closing.add(simulator(firstToken));
    this.environment = new HashMap<>(calling(simulator.port()));
    environment.putAll(settings);
    environment.values().removeIf(String::isEmpty);
    this.broker = closing.add(EmbeddedBroker.start(directory.resolve("kafka"), 0));
    this.registry =
        closing.add(
            RegistryFacade.start(
                closing.add(
                    EmbeddedRegistry.open(KafkaConnection.to(broker.bootstrap()), "penstock.")),
                0));
  }

  /** An ingress process and where it listens. */
  record IngressProcess(PenstockProcess process, int http) {}

  static Simulator simulator(Duration firstToken) {
    return Simulator.start(
        SimulatorSettings.defaults()
            .withLatency(new Latency(firstToken, Duration.ofMillis(1), 0, Duration.ZERO)),
        PriceCatalogue.bundledFile());
  }

  /** What makes a process call whatever listens on a port as its provider. */
  static Map<String, String> calling(int port) {
    String base = "http://127.0.0.1:" + port;
    return Map.of("OPENAI_BASE_URL", base + "/v1", "ANTHROPIC_BASE_URL", base);
  }

  PenstockProcess topology(String name) {
    return part(name, "topology", "--metrics-port=0", "--data-dir=" + name);
  }

  PenstockProcess worker(String name) {
    return part(name, "worker", "--metrics-port=0", "--worker-id=" + name);
  }

  IngressProcess ingress(String name) {
    int http = FreePorts.next();
    return new IngressProcess(
        part(name, "ingress", "--http-port=" + http, "--data-dir=" + name), http);
  }

  KafkaConnection kafka() {
    return KafkaConnection.to(broker.bootstrap());
  }

  /** The catalogue as another process sees it. */
  Topics topics() {
    return new Topics(
        "penstock.",
        PARTITIONS,
        closing.add(new HttpSchemaRegistry(RegistrySettings.of(registry.url()))));
  }

  /** Where the provider is. */
  URI provider() {
    return URI.create("http://127.0.0.1:" + simulator.port());
  }

  SimulatorStats stats() {
    return SimulatorStats.of(simulator.port());
  }

  private PenstockProcess part(String name, String command, String... more) {
    var arguments = new ArrayList<String>();
    arguments.add(command);
    arguments.add("--kafka=" + broker.bootstrap());
    arguments.add("--registry=" + registry.url());
    arguments.addAll(List.of(more));
    var process = new PenstockProcess(name, directory, environment, arguments);
    closing.add(process::kill);
    return process;
  }

  @Override
  public void close() {
    closing.close();
  }
}
