package io.penstock.infra.soak;

import io.penstock.embedded.simulator.Simulator;
import io.penstock.infra.engine.Closing;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topics;
import io.penstock.schemas.registry.HttpSchemaRegistry;
import io.penstock.schemas.registry.RegistrySettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The whole engine in one process, and where it listens.
 *
 * @param topics the catalogue, through its registry
 */
record UpProcess(PenstockProcess process, int http, KafkaConnection kafka, Topics topics) {

  /** Starts it with {@code simulator} as its provider; {@code closing} kills it. */
  static UpProcess start(Path directory, Simulator simulator, Closing closing, String... more) {
    return start(directory, Cluster.calling(simulator.port()), closing, more);
  }

  /** Starts it in an environment that says who its providers are, with more arguments. */
  static UpProcess start(
      Path directory, Map<String, String> environment, Closing closing, String... more) {
    int http = FreePorts.next();
    int kafka = FreePorts.next();
    int registry = FreePorts.next();
    var process =
        new PenstockProcess(
            "up",
            directory,
            environment,
            Stream.concat(
                    Stream.of(
                        "up",
                        "--http-port=" + http,
                        "--kafka-port=" + kafka,
                        "--registry-port=" + registry,
                        "--data-dir=" + directory.resolve("data")),
                    Stream.of(more))
                .toList());
    closing.add(process::kill);
    var schemas =
        closing.add(new HttpSchemaRegistry(RegistrySettings.of("http://127.0.0.1:" + registry)));
    return new UpProcess(
        process,
        http,
        KafkaConnection.to("127.0.0.1:" + kafka),
        new Topics("penstock.", Cluster.PARTITIONS, schemas));
  }
}
