package io.penstock.infra.engine;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.penstock.infra.config.Configuration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** {@code /metrics} and {@code /health} of a process that has no ingress. */
public final class MetricsServer implements AutoCloseable {
  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;

  private final HttpServer server;

  private MetricsServer(HttpServer server) {
    this.server = server;
  }

  /**
   * Starts serving the engine's metrics.
   *
   * @param ready whether the process does its work
   * @throws UncheckedIOException when the port is taken; the message names the remedy
   */
  public static MetricsServer start(
      Configuration.Http address, Engine engine, BooleanSupplier ready) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(address.host(), address.port()), 0);
      server.createContext(
          "/metrics", exchange -> answer(exchange, OK, () -> engine.meters().scrape()));
      server.createContext(
          "/health",
          exchange -> {
            boolean up = ready.getAsBoolean();
            answer(exchange, up ? OK : UNAVAILABLE, () -> "{\"ready\":" + up + "}");
          });
      server.start();
      return new MetricsServer(server);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "port " + address.port() + " is busy: choose another with --metrics-port, or 0 for none",
          e);
    }
  }

  private static void answer(HttpExchange exchange, int status, Supplier<String> body)
      throws IOException {
    try (exchange) {
      byte[] bytes = body.get().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
