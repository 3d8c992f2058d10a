package io.penstock.infra.command;

import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.Setting;
import io.penstock.infra.engine.Engine;
import io.penstock.infra.engine.Engines;
import io.penstock.ingress.Ingress;
import java.util.EnumSet;
import java.util.Map;
import picocli.CommandLine.Command;

/** HTTP in, HTTP out. */
@Command(
    name = "ingress",
    mixinStandardHelpOptions = true,
    description = "Runs an ingress against a Kafka cluster; run as many as you like.")
final class IngressCommand extends SettingOptions {

  IngressCommand(Map<String, String> environment) {
    super(
        environment,
        EnumSet.of(
            Setting.HTTP_HOST,
            Setting.HTTP_PORT,
            Setting.ON_DISCONNECT,
            Setting.LARGEST_FILE,
            Setting.BATCH_LINES,
            Setting.BATCHES_AT_ONCE,
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
            Setting.EXPRESS_DEADLINE,
            Setting.STANDARD_DEADLINE,
            Setting.BATCH_DEADLINE));
  }

  @Override
  public Integer call() {
    Configuration configuration = configuration();
    var running = new Running();
    try {
      Engine engine = Engines.remote(configuration, running.parts());
      Ingress ingress = engine.startIngress();
      say(
          "Penstock ingress on http://%s:%d, Kafka at %s",
          configuration.http().host(), ingress.port(), configuration.kafka().bootstrapServers());
      say("  Provider  %s", engine.providers().summary());
    } catch (RuntimeException e) {
      running.stop();
      throw e;
    }
    return running.untilStopped();
  }
}
