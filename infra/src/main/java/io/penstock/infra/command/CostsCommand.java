package io.penstock.infra.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.infra.costs.CostsPage;
import io.penstock.infra.costs.LedgerCaller;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The ledger of a running engine. */
@Command(
    name = "costs",
    mixinStandardHelpOptions = true,
    description = {
      "Prints what was spent, what was avoided and by what, and how much of it is estimated or",
      "unknown, as the ledger of a running engine has it."
    })
final class CostsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--by",
      paramLabel = "WORD",
      defaultValue = "model",
      description =
          "tenant, key, provider, model, lane, tier, cause, provenance or day"
              + " (default: ${DEFAULT-VALUE})")
  private String by;

  @Option(names = "--tenant", paramLabel = "NAME", description = "the costs of one tenant")
  private @Nullable String tenant;

  @Option(names = "--from", paramLabel = "DAY", description = "from this day on, in UTC")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "DAY", description = "up to this day, which is not meant")
  private @Nullable String to;

  @Option(names = "--json", description = "as GET /v1/costs tells it")
  private boolean json;

  @Mixin private final IngressAddress address = new IngressAddress();

  private final Map<String, String> environment;

  CostsCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    var parameters = new LinkedHashMap<String, String>(Map.of("by", by));
    give(parameters, "tenant", tenant);
    give(parameters, "from", from);
    give(parameters, "to", to);
    try {
      JsonNode costs =
          new LedgerCaller(address.uri(), IngressAddress.key(environment)).ask(parameters);
      PrintWriter out = spec.commandLine().getOut();
      out.print(json ? costs.toPrettyString() + "\n" : CostsPage.of(costs));
      out.flush();
      return 0;
    } catch (LedgerCaller.Untold e) {
      throw new CommandFailure(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private static void give(Map<String, String> parameters, String name, @Nullable String value) {
    if (value != null) {
      parameters.put(name, value);
    }
  }
}
