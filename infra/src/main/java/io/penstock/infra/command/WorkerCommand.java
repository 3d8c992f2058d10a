package io.penstock.infra.command;

import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.Setting;
import io.penstock.infra.engine.Engine;
import io.penstock.infra.engine.Engines;
import io.penstock.infra.engine.MetricsServer;
import io.penstock.workers.Workers;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;

/** The one who calls providers. */
@Command(
    name = "worker",
    mixinStandardHelpOptions = true,
    description = "Runs a worker against a Kafka cluster; run as many as your providers bear.")
final class WorkerCommand extends SettingOptions {

  WorkerCommand(Map<String, String> environment) {
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
            Setting.WORKER_ID,
            Setting.WORKER_SLOTS,
            Setting.WORKER_LEAST_CALLS,
            Setting.WORKER_MOST_CALLS,
            Setting.WORKER_EXPRESS_FIRST_TOKEN,
            Setting.WORKER_STANDARD_FIRST_TOKEN,
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
      Workers workers = engine.startWorkers();
      Optional<MetricsServer> metrics = metrics(configuration, running, engine, workers::running);
      say(
          "Penstock worker %s, Kafka at %s",
          configuration.worker().id(), configuration.kafka().bootstrapServers());
      say("  Provider  %s", engine.providers().summary());
      metrics.ifPresent(server -> say("  Metrics   %s/metrics", server.url()));
    } catch (RuntimeException e) {
      running.stop();
      throw e;
    }
    return running.untilStopped();
  }
}
