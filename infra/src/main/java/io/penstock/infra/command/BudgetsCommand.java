package io.penstock.infra.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.infra.costs.BudgetsPage;
import io.penstock.infra.costs.LedgerCaller;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The budgets of a running engine. */
@Command(
    name = "budgets",
    mixinStandardHelpOptions = true,
    description = {
      "Prints what each budget of a running engine allows, what is spent and set aside of it, and",
      "what remains. Budgets are written in penstock.yaml."
    })
final class BudgetsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--tenant", paramLabel = "NAME", description = "the budgets of one tenant")
  private @Nullable String tenant;

  @Option(names = "--json", description = "as GET /v1/budgets tells it")
  private boolean json;

  @Mixin private final IngressAddress address = new IngressAddress();

  private final Map<String, String> environment;

  BudgetsCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    try {
      JsonNode budgets =
          new LedgerCaller(address.uri(), IngressAddress.key(environment))
              .budgets(tenant == null ? Map.of() : Map.of("tenant", tenant));
      PrintWriter out = spec.commandLine().getOut();
      out.print(json ? budgets.toPrettyString() + "\n" : BudgetsPage.of(budgets));
      out.flush();
      return 0;
    } catch (LedgerCaller.Untold e) {
      throw new CommandFailure(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }
}
