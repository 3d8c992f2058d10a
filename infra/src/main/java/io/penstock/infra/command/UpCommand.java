package io.penstock.infra.command;

import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.Setting;
import io.penstock.infra.engine.Closing;
import io.penstock.infra.engine.Engine;
import io.penstock.infra.engine.Engines;
import java.lang.management.ManagementFactory;
import java.net.URI;
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
            Setting.ON_DISCONNECT,
            Setting.LARGEST_FILE,
            Setting.BATCH_LINES,
            Setting.BATCHES_AT_ONCE,
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
            Setting.WORKER_LEAST_CALLS,
            Setting.WORKER_MOST_CALLS,
            Setting.WORKER_EXPRESS_FIRST_TOKEN,
            Setting.WORKER_STANDARD_FIRST_TOKEN,
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
            Setting.TOPOLOGY_THREADS));
  }

  @Override
  public Integer call() {
    Configuration configuration = configuration();
    var running = new Running();
    try {
      welcome(configuration, start(configuration, running.parts()));
    } catch (RuntimeException e) {
      running.stop();
      throw e;
    }
    return running.untilStopped();
  }

  /**
   * Everything, up.
   *
   * @param http where the ingress is reached
   */
  record Up(Engines.Embedded embedded, URI http) {}

  /** Starts all parts and waits until the whole way works. */
  static Up start(Configuration configuration, Closing closing) {
    Engines.Embedded embedded = Engines.embedded(configuration, closing);
    Engine engine = embedded.engine();
    engine.provision();
    engine.startTopology(Optional.of("up"));
    engine.startWorkers();
    URI http = configuration.http().reached(engine.startIngress().port());
    new Readiness(http).await(READY_WITHIN);
    return new Up(embedded, http);
  }

  private void welcome(Configuration configuration, Up up) {
    Engines.Embedded embedded = up.embedded();
    URI http = up.http();
    Instant begun = Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());
    say("Penstock is ready after %.1f s", Duration.between(begun, Instant.now()).toMillis() / 1e3);
    say("  HTTP      %s", http);
    say("  Kafka     %s", embedded.bootstrap());
    say(
        "  Registry  %s%s",
        embedded.registryUrl(),
        embedded.registryMoved()
            ? " (port " + configuration.registry().embeddedPort().number() + " is busy)"
            : "");
    say("  Data      %s", configuration.dataDir().toAbsolutePath().normalize());
    say("  Provider  %s", embedded.engine().providers().summary());
    say("  Model     \"auto\" is %s", embedded.engine().providers().models().defaultModel());
    say("");
    say("Try: curl -s %s/v1/inference -d '{\"prompt\": \"What is a penstock?\"}'", http);
    say("Stop with Ctrl-C.");
  }
}
