package io.penstock.infra.command;

import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.Setting;
import io.penstock.infra.engine.Engine;
import io.penstock.infra.engine.Engines;
import io.penstock.infra.send.IngressCaller;
import io.penstock.infra.send.Progress;
import io.penstock.infra.send.Prompt;
import io.penstock.infra.send.Report;
import io.penstock.infra.send.Sending;
import io.penstock.infra.send.Template;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;

/**
 * A run for the JVM to learn from: the launcher makes the JDK's AOT cache of it, so that the next
 * start loads and compiles less. Everything happens in a temporary directory on free ports.
 */
@Command(
    name = "train",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Runs the engine under a little traffic and ends (for the JDK's AOT cache).")
final class TrainCommand extends SettingOptions {
  private static final Duration READY_WITHIN = Duration.ofSeconds(60);
  private static final int ROUNDS = 3;
  private static final int PROMPTS = 400;

  TrainCommand(Map<String, String> environment) {
    super(environment, Set.of());
  }

  @Override
  public Integer call() {
    var running = new Running();
    try {
      Configuration configuration = somewhereElse(Files.createTempDirectory("penstock-train"));
      Engine engine = Engines.embedded(configuration, running.parts()).engine();
      engine.provision();
      engine.startTopology(Optional.of("train"));
      engine.startWorkers();
      int port = engine.startIngress().port();
      new Readiness(port).await(READY_WITHIN);
      traffic(URI.create("http://127.0.0.1:" + port));
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary directory", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } finally {
      running.stop();
    }
  }

  private Configuration somewhereElse(Path directory) {
    return configuration(
        Map.of(
            Setting.DATA_DIR, directory.toString(),
            Setting.HTTP_PORT, "0",
            Setting.KAFKA_PORT, "0",
            Setting.REGISTRY_PORT, "0",
            Setting.SIMULATOR_PORT, "0",
            Setting.SIMULATOR_FIRST_TOKEN, "5ms",
            Setting.SIMULATOR_PER_TOKEN, "0ms"));
  }

  // The first round is all calls, the others all hits.
  private static void traffic(URI url) throws InterruptedException {
    List<Prompt> prompts =
        IntStream.range(0, PROMPTS).mapToObj(i -> new Prompt("prompt " + i, 1)).toList();
    var template =
        new Template(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), true);
    try (var caller = new IngressCaller(url, Optional.empty())) {
      for (int round = 0; round < ROUNDS; round++) {
        String _ =
            new Report(caller)
                .of(
                    new Sending(16, Optional.empty()),
                    template,
                    prompts,
                    new Progress(
                        new PrintWriter(System.err, true, StandardCharsets.UTF_8), PROMPTS, false));
      }
    }
  }
}
