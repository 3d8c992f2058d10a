package io.penstock.infra.engine;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.penstock.infra.config.Configuration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** {@code /metrics} and {@code /health} of a process that has no ingress. */
public final class MetricsServer implements AutoCloseable {
  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;

  private final HttpServer server;
  private final Configuration.Http listening;

  private MetricsServer(HttpServer server, Configuration.Http listening) {
    this.server = server;
    this.listening = listening;
  }

  /**
   * Starts serving the engine's metrics. The usual port gives way where it is busy, so that several
   * parts can run on one machine.
   *
   * @param ready whether the process does its work
   * @throws UncheckedIOException when it cannot listen; the message names the remedy
   */
  public static MetricsServer start(
      Configuration.Metrics where, Engine engine, BooleanSupplier ready) {
    HttpServer server = bound(where);
    server.createContext(
        "/metrics", exchange -> answer(exchange, OK, () -> engine.meters().scrape()));
    server.createContext(
        "/health",
        exchange -> {
          boolean up = ready.getAsBoolean();
          answer(exchange, up ? OK : UNAVAILABLE, () -> "{\"ready\":" + up + "}");
        });
    server.start();
    return new MetricsServer(
        server, new Configuration.Http(where.host(), server.getAddress().getPort()));
  }

  static HttpServer bound(Configuration.Metrics where) {
    try {
      return HttpServer.create(new InetSocketAddress(where.host(), where.port().number()), 0);
    } catch (BindException e) {
      if (where.port().given()) {
        throw cannotListen(where, e);
      }
      return bound(new Configuration.Metrics(where.host(), new Configuration.Port(0, true)));
    } catch (IOException | UnresolvedAddressException e) {
      throw cannotListen(where, e);
    }
  }

  private static UncheckedIOException cannotListen(Configuration.Metrics where, Exception cause) {
    String why = cause.getMessage() == null ? "no such address" : cause.getMessage();
    return new UncheckedIOException(
        "metrics cannot be served on %s:%d (%s): choose another --metrics-host or --metrics-port, or port 0 for none"
            .formatted(where.host(), where.port().number(), why),
        new IOException(cause));
  }

  /** Where it listens; the port is the one that was taken. */
  public String url() {
    return "http://" + listening.host() + ":" + listening.port();
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
