package io.penstock.infra.command;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The root command. */
@Command(
    name = "penstock",
    mixinStandardHelpOptions = true,
    version = "Penstock 0.1.0",
    description = "Answers LLM requests at the lowest cost that keeps their deadlines.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {HelpCommand.class},
    footer = {"", "Begin with: penstock up", "Then:       penstock send \"What is a penstock?\""})
public final class Penstock implements Runnable {
  @Spec private CommandSpec spec;

  private Penstock() {}

  /** The whole command line; settings are read from {@code environment} where a flag is missing. */
  public static CommandLine commandLine(Map<String, String> environment) {
    var root = new CommandLine(new Penstock());
    root.addSubcommand(SettingOptions.onto(new UpCommand(environment)));
    root.addSubcommand(SettingOptions.onto(new IngressCommand(environment)));
    root.addSubcommand(SettingOptions.onto(new TopologyCommand(environment)));
    root.addSubcommand(SettingOptions.onto(new WorkerCommand(environment)));
    root.addSubcommand(SettingOptions.onto(new SimulatorCommand(environment)));
    root.addSubcommand(new SendCommand(environment));
    var costs = new CommandLine(new CostsCommand(environment));
    costs.addSubcommand(SettingOptions.onto(new RepriceCommand(environment)));
    root.addSubcommand(costs);
    root.addSubcommand(new BudgetsCommand(environment));
    var topics = new CommandLine(new TopicsCommand());
    topics.addSubcommand(SettingOptions.onto(new TopicsCommand.Create(environment)));
    topics.addSubcommand(SettingOptions.onto(new TopicsCommand.Names(environment)));
    root.addSubcommand(topics);
    var replay = new CommandLine(new ReplayCommand());
    replay.addSubcommand(SettingOptions.onto(new ReplayCommand.Recording(environment)));
    root.addSubcommand(replay);
    root.addSubcommand(new SettingsCommand());
    root.addSubcommand(new TrainCommand());
    root.setExecutionExceptionHandler(new Remedies());
    return root;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
