package io.penstock.embedded.broker;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.server.SharedServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real Apache Kafka broker and its controller in this JVM, on loopback, with its data kept in one
 * directory over restarts. It serves from the return of {@link #start} until {@link #close()}, and
 * loses nothing acknowledged when the process is killed. Should its disk fail while it serves, the
 * process ends at once, as Kafka's own would.
 */
public final class EmbeddedBroker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
  private static final Duration LONGEST_HANDOVER = Duration.ofSeconds(1);

  private final DataDirectory directory;
  private final BoundPorts ports;
  private final StartFaults faults;
  private final ControllerServer controller;
  private final BrokerServer broker;

  /*
   * The parts are put together here, as Kafka's KafkaRaftServer does, because that class ends the
   * whole process when the start fails, and binds its ports late.
   */
  private EmbeddedBroker(DataDirectory directory, BoundPorts ports, StartFaults faults)
      throws Exception {
    this.directory = directory;
    this.ports = ports;
    this.faults = faults;
    format(directory);
    var config = new KafkaConfig(BrokerProperties.of(directory, ports), false);
    var stored = KafkaRaftServer.initializeLogDirs(config, LOG, "");
    var shared =
        new SharedServer(
            config,
            stored._1(),
            Time.SYSTEM,
            Server.initializeMetrics(config, Time.SYSTEM, directory.clusterId()),
            CompletableFuture.completedFuture(
                Map.of(BrokerProperties.NODE, ports.controllerAddress())),
            List.of(),
            faults,
            ports);
    broker = new BrokerServer(shared);
    controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), stored._2());
  }

  /**
   * Starts a broker; it serves when this returns, after some seconds.
   *
   * @param directory for the broker alone; created when missing, and taken over from an earlier run
   * @param port for clients; 0 takes a free one, see {@link #port()}
   * @throws BrokerStartException with a one-line remedy
   */
  public static EmbeddedBroker start(Path directory, int port) {
    var claimed = DataDirectory.claim(directory);
    try {
      return start(claimed, BoundPorts.bind(port));
    } catch (BrokerStartException e) {
      claimed.close();
      throw e;
    }
  }

  private static EmbeddedBroker start(DataDirectory directory, BoundPorts ports) {
    var faults = new StartFaults();
    try {
      var broker = new EmbeddedBroker(directory, ports, faults);
      broker.serve();
      return broker;
    } catch (Exception e) { // Scala code throws checked exceptions without declaring them.
      ports.close();
      throw new BrokerStartException.Failed(directory.path(), faults.first().orElse(e));
    }
  }

  /** Writes the identity of the node on the first start; later starts find and keep it. */
  private static void format(DataDirectory directory) throws Exception {
    new Formatter()
        .setNodeId(BrokerProperties.NODE)
        .setClusterId(directory.clusterId())
        .addDirectory(directory.kafka().toString())
        .setControllerListenerName(BoundPorts.CONTROLLER)
        .setIgnoreFormatted(true)
        .setSupportedFeatures(Feature.PRODUCTION_FEATURES) // else no share and streams groups
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .run();
  }

  private void serve() {
    try {
      controller.startup();
      broker.startup();
      faults.serving(true);
    } catch (Exception e) {
      stop();
      throw e;
    }
    LOG.info("embedded broker serves on {}, data in {}", bootstrap(), directory.path());
  }

  /** The address for {@code bootstrap.servers}. */
  public String bootstrap() {
    return BoundPorts.HOST + ":" + port();
  }

  /** The port of the clients' listener. */
  public int port() {
    return ports.clientsPort();
  }

  /** The id of the cluster, made once per data directory. */
  public String clusterId() {
    return directory.clusterId();
  }

  /** Stops serving and leaves the data cleanly closed, within about two seconds. */
  @Override
  public void close() {
    faults.serving(false);
    try {
      stop();
    } finally {
      ports.close();
      directory.close();
    }
  }

  private void stop() {
    broker.shutdown(LONGEST_HANDOVER);
    controller.shutdown();
    broker.awaitShutdown();
    controller.awaitShutdown();
  }
}
