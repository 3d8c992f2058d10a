package io.penstock.infra.command;

import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.Setting;
import io.penstock.infra.engine.Closing;
import io.penstock.infra.engine.Engines;
import io.penstock.schemas.Topic;
import io.penstock.schemas.TopicProvisioner;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The topic catalogue. */
@Command(
    name = "topics",
    mixinStandardHelpOptions = true,
    description = "Shows the topic catalogue, or creates what is missing of it.",
    synopsisSubcommandLabel = "COMMAND")
final class TopicsCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private static final Set<Setting> SETTINGS =
      EnumSet.of(
          Setting.KAFKA,
          Setting.KAFKA_PROPERTIES,
          Setting.REGISTRY_URL,
          Setting.REGISTRY_USER,
          Setting.REGISTRY_TRUSTSTORE,
          Setting.REGISTRY_KEYSTORE,
          Setting.TOPIC_PREFIX,
          Setting.TOPIC_PARTITIONS);

  /** Prints the catalogue; needs no broker. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Prints every topic with its partitions, retention and purpose.")
  static final class Names extends SettingOptions {
    Names(Map<String, String> environment) {
      super(environment, SETTINGS);
    }

    @Override
    public Integer call() {
      Configuration configuration = configuration();
      try (var closing = new Closing()) {
        for (Topic<?, ?> topic : Engines.remote(configuration, closing).topics().all()) {
          say(
              "%-30s %2d partitions  %-9s %s",
              topic.name(), topic.partitions(), retention(topic), topic.purpose());
        }
      }
      return 0;
    }

    private static String retention(Topic<?, ?> topic) {
      return switch (topic.cleanup()) {
        case COMPACT -> "compacted";
        case DELETE ->
            topic.retention().equals(Topic.FOREVER) ? "for ever" : hours(topic.retention());
        case COMPACT_AND_DELETE -> "latest " + hours(topic.retention());
      };
    }

    private static String hours(Duration retention) {
      return retention.toHours() + " h";
    }
  }

  /** Creates topics, share groups and schemas. */
  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description = {
        "Creates the topics, the workers' groups and the schemas that are missing; changes nothing",
        "that is right. The topology and the workers do the same when they start."
      })
  static final class Create extends SettingOptions {
    Create(Map<String, String> environment) {
      super(environment, SETTINGS);
    }

    @Override
    public Integer call() {
      Configuration configuration = configuration();
      try (var closing = new Closing()) {
        TopicProvisioner.Report report = Engines.remote(configuration, closing).provision();
        report.created().forEach(name -> say("created %s", name));
        report.completed().forEach(name -> say("completed the configuration of %s", name));
        if (report.created().isEmpty() && report.completed().isEmpty()) {
          say("everything is in place already");
        }
      }
      return 0;
    }
  }
}
