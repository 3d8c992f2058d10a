package io.penstock.infra.command;

import io.penstock.infra.config.OtherName;
import io.penstock.infra.config.Setting;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Everything that can be set. */
@Command(
    name = "settings",
    mixinStandardHelpOptions = true,
    description = {
      "Lists every setting: its key in penstock.yaml, its environment name, its flag and default.",
      "The command line wins over the environment, that over penstock.yaml (or the file that",
      "--config or PENSTOCK_CONFIG names), that over defaults."
    })
final class SettingsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    var out = spec.commandLine().getOut();
    for (Setting setting : Setting.values()) {
      out.printf(
          "%-24s %s%n  %s%n",
          setting.flag().orElse("(environment only)"),
          setting.meaning() + setting.defaultValue().map(d -> " (default: " + d + ")").orElse(""),
          setting.key().map(key -> "penstock.yaml: " + key + "  ").orElse("")
              + "environment: "
              + String.join(", ", setting.environment()));
    }
    out.printf("%nIn penstock.yaml only, as rows:%n");
    out.printf(
        "%-24s %s%n", "providers", "other providers, by id: like, base_url, key_env, serves, ...");
    out.printf(
        "%-24s %s%n",
        "budgets",
        "what may be spent: tenant, key, limit-usd, period (total, day or month), kind (hard or"
            + " soft), unknown-prices (allow or refuse)");
    out.printf("%nIn the environment only, and no settings of the engine:%n");
    for (OtherName name : OtherName.values()) {
      out.printf("%-24s %s%n", name.text(), name.meaning());
    }
    out.flush();
    return 0;
  }
}
