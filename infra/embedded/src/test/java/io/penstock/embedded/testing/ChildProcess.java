package io.penstock.embedded.testing;

import io.penstock.embedded.broker.EmbeddedBroker;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;

/** Another JVM, which a test may kill. It ends by itself when its parent is gone. */
public final class ChildProcess implements AutoCloseable {
  private static final String READY = "ready ";

  private final Process process;
  private final String told;

  private ChildProcess(Process process, String told) {
    this.process = process;
    this.told = told;
  }

  /** Starts an embedded broker; returns when it serves, and tells its address. */
  public static ChildProcess broker(Path directory) throws IOException {
    return start(Broker.class, directory.toString());
  }

  /** Starts a main class; returns when that calls {@link #ready}. */
  public static ChildProcess start(Class<?> main, String argument) throws IOException {
    String java = ProcessHandle.current().info().command().orElseThrow();
    String classPath = System.getProperty("java.class.path");
    var process =
        new ProcessBuilder(java, "-Xmx256m", "-cp", classPath, main.getName(), argument)
            .redirectErrorStream(true)
            .start();
    BufferedReader output = process.inputReader();
    var seen = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(READY)) {
        return new ChildProcess(process, line.substring(READY.length()));
      }
      seen.append(line).append('\n');
    }
    throw new AssertionError("the child ended: " + seen);
  }

  /** In the child: tells the parent something and waits for the end of the parent. */
  public static void ready(String told) throws IOException {
    System.out.println(READY + told);
    while (System.in.read() >= 0) {
      // The parent never writes; the end of its pipe is its end.
    }
  }

  /** What the child said when it was ready. */
  public String told() {
    return told;
  }

  /** As {@code kill -9}; returns when the process is gone. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  static final class Broker {
    private Broker() {}

    static void main(String[] args) throws IOException {
      try (var broker = EmbeddedBroker.start(Path.of(args[0]), 0)) {
        ready(broker.bootstrap());
      }
    }
  }
}
