package io.penstock.infra.command;

import io.penstock.infra.send.Draw;
import io.penstock.infra.send.IngressCaller;
import io.penstock.infra.send.Progress;
import io.penstock.infra.send.Prompt;
import io.penstock.infra.send.PromptFile;
import io.penstock.infra.send.Report;
import io.penstock.infra.send.Sending;
import io.penstock.infra.send.Summary;
import io.penstock.infra.send.Template;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a running engine. */
@Command(
    name = "send",
    mixinStandardHelpOptions = true,
    description = {
      "Sends one prompt and prints the answer, or sends the prompts of a file and prints a summary:",
      "answered by whom, calls made, spent, avoided, latency.",
      "Files: .jsonl (prompt, text, query or turns), .csv (such a column), or a prompt a line; .gz too."
    })
final class SendCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "PROMPT", description = "a single prompt")
  private @Nullable String prompt;

  @Option(names = "--file", paramLabel = "FILE", description = "a file of prompts")
  private @Nullable Path file;

  @Option(
      names = "--draw",
      paramLabel = "N",
      description = "draw N prompts by popularity, with replacement, instead of each once")
  private @Nullable Integer draw;

  @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "seed of the draw")
  private long seed;

  @Mixin private final IngressAddress address = new IngressAddress();

  @Option(names = "--rate", paramLabel = "N", description = "requests per second, steadily")
  private @Nullable Integer rate;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      defaultValue = "32",
      description = "requests at a time (default: ${DEFAULT-VALUE})")
  private int concurrency;

  @Option(names = "--priority", paramLabel = "LANE", description = "express, standard or batch")
  private @Nullable String lane;

  @Option(names = "--model", paramLabel = "NAME", description = "a model, or auto")
  private @Nullable String model;

  @Option(names = "--max-tokens", paramLabel = "N", description = "bound on each answer")
  private @Nullable Integer maxTokens;

  @Option(names = "--deadline-ms", paramLabel = "N", description = "deadline of each request")
  private @Nullable Long deadlineMs;

  @Option(names = "--no-cache", description = "ask for answers of their own")
  private boolean noCache;

  private final Map<String, String> environment;

  SendCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    if ((prompt == null) == (file == null)) {
      throw new CommandFailure("give either a PROMPT or --file FILE");
    }
    if (concurrency < 1 || (rate != null && rate < 1) || (draw != null && draw < 1)) {
      throw new CommandFailure("--concurrency, --rate and --draw must be at least 1");
    }
    URI ingress = address.uri();
    try (var caller = new IngressCaller(ingress, IngressAddress.key(environment))) {
      return file == null ? one(caller, ingress, String.valueOf(prompt)) : many(caller, file);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private int one(IngressCaller caller, URI ingress, String text) throws InterruptedException {
    var outcome = caller.ask(template(), new Prompt(text, 1));
    var out = spec.commandLine().getOut();
    var err = spec.commandLine().getErr();
    switch (outcome.kind()) {
      case ANSWERED -> {
        out.println(outcome.text());
        err.printf(
            "(by %s in %d ms, spent %s, avoided %s)%n",
            outcome.detail(),
            outcome.took().toMillis(),
            dollars(outcome.spent()),
            dollars(outcome.avoided()));
      }
      case ACCEPTED -> out.println("accepted: GET " + ingress + "/v1/requests/" + outcome.detail());
      case FAILED -> throw new CommandFailure(outcome.text() + " (" + outcome.detail() + ")");
    }
    out.flush();
    err.flush();
    return 0;
  }

  private static String dollars(Optional<BigDecimal> amount) {
    return amount.map(known -> "$" + known.toPlainString()).orElse("unknown");
  }

  private int many(IngressCaller caller, Path from) throws InterruptedException {
    List<Prompt> prompts = prompts(from);
    var progress = new Progress(spec.commandLine().getErr(), prompts.size(), Ansi.AUTO.enabled());
    Summary summary =
        new Report(caller)
            .of(new Sending(concurrency, Optional.ofNullable(rate)), template(), prompts, progress);
    spec.commandLine().getOut().print(summary.table());
    spec.commandLine().getOut().flush();
    return summary.success() ? 0 : 1;
  }

  private List<Prompt> prompts(Path from) {
    try {
      List<Prompt> all = PromptFile.read(from);
      if (all.isEmpty()) {
        throw new CommandFailure(from + " holds no prompt");
      }
      return draw == null ? all : new Draw(all).draw(draw, seed);
    } catch (IOException e) {
      throw new CommandFailure("cannot read " + from + ": name a readable file");
    } catch (IllegalArgumentException e) {
      throw new CommandFailure(from + ": " + e.getMessage());
    }
  }

  private Template template() {
    return new Template(
        Optional.ofNullable(lane),
        Optional.ofNullable(model),
        Optional.ofNullable(maxTokens),
        Optional.ofNullable(deadlineMs),
        !noCache);
  }
}
