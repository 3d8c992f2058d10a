package io.penstock.embedded.registry;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/** A real Apicurio registry, keeping its schemas in memory, in a process of its own. */
final class ApicurioServer implements AutoCloseable {
  private static final Path HOME = Path.of("target", "apicurio");
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();
  private final String url;

  private ApicurioServer(Process process, int port) {
    this.process = process;
    this.url = "http://127.0.0.1:" + port + "/apis/ccompat/v7";
  }

  /** Returns when it answers; some seconds. */
  static ApicurioServer start() throws IOException {
    Path jar = HOME.resolve("quarkus-run.jar");
    if (!Files.exists(jar)) {
      throw new IllegalStateException(
          "no Apicurio in " + HOME.toAbsolutePath() + "; run Maven with -Psoak, which fetches it");
    }
    int port = freePort();
    var builder =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-Xmx512m",
            "-jar",
            jar.toString());
    builder.environment().put("QUARKUS_HTTP_HOST", "127.0.0.1");
    builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
    builder.environment().put("QUARKUS_MANAGEMENT_HOST", "127.0.0.1");
    builder.environment().put("QUARKUS_MANAGEMENT_PORT", Integer.toString(freePort()));
    var log = new File("target", "apicurio.log");
    var server =
        new ApicurioServer(builder.redirectErrorStream(true).redirectOutput(log).start(), port);
    try {
      Awaitility.await().atMost(PATIENCE).until(() -> server.answers("/subjects"));
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private boolean answers(String path) throws InterruptedException {
    try {
      var request = HttpRequest.newBuilder(URI.create(url + path)).build();
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** Where it speaks as a Confluent registry does. */
  String url() {
    return url;
  }

  /** Sends a body and returns the answer, which must be a success. */
  String send(String method, String path, String body) {
    var request =
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      var response = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new IllegalStateException(response.statusCode() + " " + response.body());
      }
      return response.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    http.close();
    process.destroyForcibly().onExit().join();
  }
}
