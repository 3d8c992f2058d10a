package io.penstock.infra.command;

import io.penstock.infra.config.Configuration;
import io.penstock.infra.config.Setting;
import io.penstock.infra.send.IngressCaller;
import io.penstock.infra.send.Prompt;
import io.penstock.infra.send.Sending;
import io.penstock.infra.send.Template;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * A run for the JVM to learn from: the launcher makes the JDK's AOT cache of it, so that the next
 * start loads and compiles less. Everything happens in a temporary directory on free ports, and
 * nothing of the environment or of {@code penstock.yaml} is heeded: a provider key in there must
 * not be spent on calls that nobody asked for.
 */
@Command(
    name = "train",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Runs the engine under a little traffic and ends (for the JDK's AOT cache).")
final class TrainCommand implements Callable<Integer> {
  /** Under load for so long: profiles of code that ran a few times are worth nothing. */
  private static final Duration UNDER_LOAD = Duration.ofSeconds(20);

  private static final int CALLERS = 32;
  private static final int PROMPTS_IN_A_ROUND = 400;
  private static final int ASKED_AGAIN = 3;

  @Override
  public Integer call() {
    var running = new Running();
    try {
      Path directory = Files.createTempDirectory("penstock-train");
      running.parts().add(() -> delete(directory)); // first in, last out
      traffic(UpCommand.start(configuration(directory), running.parts()).http());
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

  static Configuration configuration(Path directory) {
    return Configuration.fixed(
        Map.of(
            Setting.DATA_DIR, directory.resolve("data").toString(),
            Setting.HTTP_PORT, "0",
            Setting.KAFKA_PORT, "0",
            Setting.REGISTRY_PORT, "0",
            Setting.SIMULATOR_PORT, "0",
            Setting.SIMULATOR_FIRST_TOKEN, "5ms",
            Setting.SIMULATOR_PER_TOKEN, "0ms"));
  }

  // In each round everything is called once and then answered from the cache.
  private static void traffic(URI url) throws InterruptedException {
    var template =
        new Template(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), true);
    var sending = new Sending(CALLERS, Optional.empty());
    Instant end = Instant.now().plus(UNDER_LOAD);
    try (var caller = new IngressCaller(url, Optional.empty())) {
      for (int round = 0; Instant.now().isBefore(end); round++) {
        List<Prompt> prompts = prompts(round);
        for (int time = 0; time <= ASKED_AGAIN; time++) {
          var _ = sending.run(caller, template, prompts, done -> {});
        }
      }
    }
  }

  private static List<Prompt> prompts(int round) {
    return IntStream.range(0, PROMPTS_IN_A_ROUND)
        .mapToObj(i -> new Prompt("prompt " + i + " of round " + round, 1))
        .toList();
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
