package io.penstock.infra.command;

import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.Setting;
import io.penstock.infra.engine.Engines;
import java.net.URI;
import java.util.EnumSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A provider that costs nothing. */
@Command(
    name = "simulator",
    mixinStandardHelpOptions = true,
    description = {
      "Runs the provider simulator alone: OpenAI chat completions and Anthropic messages, with its",
      "own count of calls and cost under /admin."
    })
final class SimulatorCommand extends SettingOptions {
  @Option(names = "--port", paramLabel = "VALUE", description = "the same as --simulator-port")
  private @Nullable String port;

  SimulatorCommand(Map<String, String> environment) {
    super(
        environment,
        EnumSet.of(
            Setting.SIMULATOR_HOST,
            Setting.SIMULATOR_PORT,
            Setting.SIMULATOR_FIRST_TOKEN,
            Setting.SIMULATOR_PER_TOKEN,
            Setting.PRICES));
  }

  @Override
  public Integer call() {
    Configuration configuration =
        port == null ? configuration() : configuration(Map.of(Setting.SIMULATOR_PORT, port));
    var running = new Running();
    URI url = Engines.simulator(configuration, running.parts());
    say("Penstock provider simulator on %s", url);
    say("  OPENAI_BASE_URL=%s/v1  ANTHROPIC_BASE_URL=%s", url, url);
    say("  %s/admin/stats counts, POST %s/admin/faults makes it fail", url, url);
    return running.untilStopped();
  }
}
