package io.penstock.infra.soak;

import static org.awaitility.Awaitility.await;

import io.penstock.infra.engine.Closing;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** A Toxiproxy between two ends: it slows, cuts and resets real TCP connections. */
final class FaultProxy {
  private static final String PROXY = "/proxies/provider";

  private final HttpCalls admin;
  private final int port;

  private FaultProxy(HttpCalls admin, int port) {
    this.admin = admin;
    this.port = port;
  }

  /** The program, by {@code -Dsoak.toxiproxy} or on the path. */
  static Optional<Path> program() {
    String named = System.getProperty("soak.toxiproxy", "");
    return named.isEmpty()
        ? Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
            .map(directory -> Path.of(directory, "toxiproxy-server"))
            .filter(Files::isExecutable)
            .findFirst()
        : Optional.of(Path.of(named));
  }

  /** Starts one in front of a port; {@code closing} stops it. */
  static FaultProxy start(Path program, int upstream, Closing closing) throws IOException {
    int control = FreePorts.next();
    int port = FreePorts.next();
    Process process =
        new ProcessBuilder(program.toString(), "-host", "127.0.0.1", "-port", "" + control)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    closing.add(process::destroyForcibly);
    await().until(() -> listens(control));
    var proxy = new FaultProxy(closing.add(new HttpCalls(control)), port);
    proxy.admin.post(
        "/proxies",
        "{\"name\":\"provider\",\"listen\":\"127.0.0.1:%d\",\"upstream\":\"127.0.0.1:%d\"}"
            .formatted(port, upstream));
    return proxy;
  }

  private static boolean listens(int port) {
    try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  int port() {
    return port;
  }

  /**
   * Adds a fault to a share of the connections from now on.
   *
   * @param attributes a JSON object, as the kind's documentation says
   */
  void add(String kind, String attributes, double share) {
    try {
      admin.post(
          PROXY + "/toxics",
          "{\"name\":\"fault\",\"type\":\"%s\",\"stream\":\"downstream\",\"toxicity\":%s,\"attributes\":%s}"
              .formatted(kind, share, attributes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All is well again. */
  void heal() {
    try {
      admin.delete(PROXY + "/toxics/fault");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
