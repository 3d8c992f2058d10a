package io.penstock.infra.soak;

import io.penstock.infra.Main;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A process of the launcher, to be killed. */
final class PenstockProcess {
  private final List<String> command;
  private final Map<String, String> environment;
  private final Path directory;
  private final Path log;
  private Process process;

  /**
   * Starts it.
   *
   * @param directory its working directory; its log is appended to {@code <name>.log} there
   */
  PenstockProcess(
      String name, Path directory, Map<String, String> environment, List<String> arguments) {
    this.directory = directory;
    this.environment = environment;
    command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(arguments);
    this.log = directory.resolve(name + ".log");
    this.process = launch();
  }

  /** SIGKILL: no hook runs, nothing is flushed. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  void restart() {
    process = launch();
  }

  boolean alive() {
    return process.isAlive();
  }

  private Process launch() {
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
