package io.penstock.infra.command;

import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.OtherName;
import io.penstock.infra.config.Setting;
import io.penstock.infra.engine.Engine;
import io.penstock.infra.engine.MetricsServer;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/**
 * A command that takes settings. Its flags come from the catalogue, so that a flag means the same
 * wherever it is.
 */
abstract class SettingOptions implements Callable<Integer> {
  private static final String FILE = "--config";

  @Spec private CommandSpec spec;

  private final Map<String, String> environment;
  private final Set<Setting> settings;

  SettingOptions(Map<String, String> environment, Set<Setting> settings) {
    this.environment = environment;
    this.settings = settings;
  }

  /** Gives a command the flags of its settings. */
  static CommandLine onto(SettingOptions command) {
    CommandSpec spec = CommandSpec.forAnnotatedObject(command);
    spec.addOption(
        OptionSpec.builder(FILE)
            .paramLabel("FILE")
            .type(Path.class)
            .description(
                "a file of settings (default: "
                    + Configuration.FILE
                    + " of this directory, where there is one) ["
                    + OtherName.CONFIG.text()
                    + "]")
            .build());
    for (Setting setting : command.settings) {
      setting
          .flag()
          .ifPresent(flag ->
              spec.addOption(
                  OptionSpec.builder(flag)
                      .paramLabel("VALUE")
                      .type(String.class)
                      .description(
                          setting.meaning()
                              + setting
                                  .defaultValue()
                                  .map(text -> " (default: " + text + ")")
                                  .orElse("")
                              + " ["
                              + setting.environment().getFirst()
                              + "]")
                      .build()));
    }
    return new CommandLine(spec);
  }

  /** The settings as all sources together give them. */
  final Configuration configuration() {
    return configuration(Map.of());
  }

  /** As {@link #configuration()}, with some settings fixed by the command itself. */
  final Configuration configuration(Map<Setting, String> fixed) {
    Map<Setting, String> given = new EnumMap<>(Setting.class);
    for (Setting setting : settings) {
      setting
          .flag()
          .map(flag -> spec.commandLine().getParseResult().matchedOption(flag))
          .ifPresent(option -> given.put(setting, option.getValue()));
    }
    given.putAll(fixed);
    return file()
        .map(file -> Configuration.load(file, environment, given))
        .orElseGet(() -> Configuration.load(environment, given));
  }

  /** The file that somebody asked for: unlike the usual one it must be there. */
  private Optional<Path> file() {
    OptionSpec option = spec.commandLine().getParseResult().matchedOption(FILE);
    return option == null
        ? Optional.ofNullable(environment.get(OtherName.CONFIG.text()))
            .filter(text -> !text.isBlank())
            .map(text -> Path.of(text.strip()))
        : Optional.of(option.<Path>getValue());
  }

  /** Tells how this process is, unless that is switched off. */
  static Optional<MetricsServer> metrics(
      Configuration configuration, Running running, Engine engine, BooleanSupplier ready) {
    Configuration.Metrics where = configuration.metrics();
    return where.port().number() == 0
        ? Optional.empty()
        : Optional.of(running.parts().add(MetricsServer.start(where, engine, ready)));
  }

  final void say(String format, Object... arguments) {
    spec.commandLine().getOut().printf(format + "%n", arguments);
    spec.commandLine().getOut().flush();
  }
}
