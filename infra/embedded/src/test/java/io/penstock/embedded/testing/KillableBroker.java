package io.penstock.embedded.testing;

import io.penstock.embedded.broker.EmbeddedBroker;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;

/** An embedded broker in a process of its own, which a test may kill. */
public final class KillableBroker implements AutoCloseable {
  private static final String READY = "ready ";

  private final Process process;
  private final String bootstrap;

  private KillableBroker(Process process, String bootstrap) {
    this.process = process;
    this.bootstrap = bootstrap;
  }

  /** Returns when the broker serves. */
  public static KillableBroker start(Path directory) throws IOException {
    String java = ProcessHandle.current().info().command().orElseThrow();
    var process =
        new ProcessBuilder(
                java,
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                KillableBroker.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .start();
    BufferedReader output = process.inputReader();
    StringBuilder seen = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(READY)) {
        return new KillableBroker(process, line.substring(READY.length()));
      }
      seen.append(line).append('\n');
    }
    throw new AssertionError("the broker's process ended: " + seen);
  }

  public String bootstrap() {
    return bootstrap;
  }

  /** As {@code kill -9}; returns when the process is gone. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  /** The child's side: serves until it is killed or its parent is gone. */
  static void main(String[] args) throws IOException {
    var broker = EmbeddedBroker.start(Path.of(args[0]), 0);
    System.out.println(READY + broker.bootstrap());
    while (System.in.read() >= 0) {
      // The parent never writes; the end of its pipe is its end.
    }
    broker.close();
  }
}
