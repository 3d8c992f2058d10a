package io.penstock.infra.command;

import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.Setting;
import io.penstock.infra.engine.Engine;
import io.penstock.infra.engine.Engines;
import io.penstock.infra.engine.MetricsServer;
import io.penstock.topology.RunningTopology;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;

/** The stream. */
@Command(
    name = "topology",
    mixinStandardHelpOptions = true,
    description = {
      "Runs the topology against a Kafka cluster. Run several to share the work: as many stream",
      "threads in all as there are partitions."
    })
final class TopologyCommand extends SettingOptions {

  TopologyCommand(Map<String, String> environment) {
    super(
        environment,
        EnumSet.of(
            Setting.KAFKA,
            Setting.KAFKA_PROPERTIES,
            Setting.REGISTRY_URL,
            Setting.REGISTRY_USER,
            Setting.REGISTRY_TRUSTSTORE,
            Setting.REGISTRY_KEYSTORE,
            Setting.SIMULATOR_HOST,
            Setting.SIMULATOR_PORT,
            Setting.DATA_DIR,
            Setting.TOPIC_PREFIX,
            Setting.TOPIC_PARTITIONS,
            Setting.DEFAULT_MODEL,
            Setting.PRICES,
            Setting.OPENAI_URL,
            Setting.ANTHROPIC_URL,
            Setting.CACHE_TTL,
            Setting.PROMPT_CACHE,
            Setting.EXPRESS_DEADLINE,
            Setting.STANDARD_DEADLINE,
            Setting.BATCH_DEADLINE,
            Setting.JOBS,
            Setting.JOBS_MOST,
            Setting.JOBS_MOST_BYTES,
            Setting.JOBS_AGE,
            Setting.JOBS_IDLE,
            Setting.JOBS_SHORTEST,
            Setting.JOBS_RESCUE,
            Setting.JOBS_RESERVE,
            Setting.JOBS_FIRST_POLL,
            Setting.JOBS_LONGEST_POLL,
            Setting.JOBS_TASK_LEASE,
            Setting.JOBS_ATTEMPTS,
            Setting.ASSUMED_OUTPUT,
            Setting.GATE_WINDOW,
            Setting.GATE_WORK,
            Setting.GATE_EXPRESS_SLOWER,
            Setting.TOPOLOGY_THREADS,
            Setting.TOPOLOGY_INSTANCE,
            Setting.METRICS_HOST,
            Setting.METRICS_PORT));
  }

  @Override
  public Integer call() {
    Configuration configuration = configuration();
    var running = new Running();
    try {
      Engine engine = Engines.remote(configuration, running.parts());
      engine.provision();
      RunningTopology topology = engine.startTopology(configuration.topology().instance());
      Optional<MetricsServer> metrics = metrics(configuration, running, engine, topology::running);
      say("Penstock topology, Kafka at %s", configuration.kafka().bootstrapServers());
      say("  Provider  %s", engine.providers().summary());
      metrics.ifPresent(server -> say("  Metrics   %s/metrics", server.url()));
    } catch (RuntimeException e) {
      running.stop();
      throw e;
    }
    return running.untilStopped();
  }
}
