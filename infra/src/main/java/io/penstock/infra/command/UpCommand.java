package io.penstock.infra.command;

import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.Setting;
import io.penstock.infra.engine.Engine;
import io.penstock.infra.engine.Engines;
import io.penstock.ingress.Ingress;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;

/** Everything in one JVM. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description = {
      "Runs the whole engine in this process: a Kafka broker that keeps its data, a schema registry,",
      "the topology, a worker and the ingress. Without OPENAI_API_KEY, ANTHROPIC_API_KEY or a base",
      "URL, the built-in provider simulator answers and nothing is paid."
    })
final class UpCommand extends SettingOptions {
  private static final Duration READY_WITHIN = Duration.ofSeconds(60);

  UpCommand(Map<String, String> environment) {
    super(
        environment,
        EnumSet.of(
            Setting.HTTP_HOST,
            Setting.HTTP_PORT,
            Setting.KAFKA_PORT,
            Setting.REGISTRY_PORT,
            Setting.SIMULATOR_HOST,
            Setting.SIMULATOR_PORT,
            Setting.SIMULATOR_FIRST_TOKEN,
            Setting.SIMULATOR_PER_TOKEN,
            Setting.DATA_DIR,
            Setting.TOPIC_PREFIX,
            Setting.TOPIC_PARTITIONS,
            Setting.DEFAULT_MODEL,
            Setting.PRICES,
            Setting.OPENAI_URL,
            Setting.ANTHROPIC_URL,
            Setting.WORKER_SLOTS,
            Setting.CACHE_TTL,
            Setting.EXPRESS_DEADLINE,
            Setting.STANDARD_DEADLINE,
            Setting.BATCH_DEADLINE,
            Setting.TOPOLOGY_THREADS));
  }

  @Override
  public Integer call() {
    Configuration configuration = configuration();
    var running = new Running();
    try {
      Engines.Embedded embedded = Engines.embedded(configuration, running.parts());
      Engine engine = embedded.engine();
      engine.provision();
      engine.startTopology(Optional.of("up"));
      engine.startWorkers();
      Ingress ingress = engine.startIngress();
      new Readiness(ingress.port()).await(READY_WITHIN);
      welcome(configuration, embedded, ingress);
    } catch (RuntimeException e) {
      running.stop();
      throw e;
    }
    return running.untilStopped();
  }

  private void welcome(Configuration configuration, Engines.Embedded embedded, Ingress ingress) {
    Instant begun = Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());
    String http = "http://" + configuration.http().host() + ":" + ingress.port();
    say("Penstock is ready after %.1f s", Duration.between(begun, Instant.now()).toMillis() / 1e3);
    say("  HTTP      %s", http);
    say("  Kafka     %s", embedded.bootstrap());
    say("  Registry  %s", embedded.registryUrl());
    say("  Data      %s", configuration.dataDir().toAbsolutePath().normalize());
    say(
        "  Provider  %s",
        embedded
            .simulatorUrl()
            .map(url ->
                "simulator at "
                    + url
                    + ": no OPENAI_API_KEY or ANTHROPIC_API_KEY is set, so nothing is paid")
            .orElseGet(() -> providers(embedded.engine())));
    say("  Model     \"auto\" is %s", embedded.engine().providers().models().defaultModel());
    say("");
    say("Try: curl -s %s/v1/inference -d '{\"prompt\": \"What is a penstock?\"}'", http);
    say("Stop with Ctrl-C.");
  }

  private static String providers(Engine engine) {
    return String.join(
        ", ",
        engine.providers().settings().stream().map(p -> p.id() + " at " + p.baseUrl()).toList());
  }
}
