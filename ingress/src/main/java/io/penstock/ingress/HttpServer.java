package io.penstock.ingress;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.util.JavalinException;
import java.io.IOException;
import java.time.Duration;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server: Javalin, with a virtual thread for each exchange. */
final class HttpServer {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
  private static final Duration KEPT_ALIVE = Duration.ofMinutes(1);
  private static final Duration AFTER_THE_LONGEST_WAIT = Duration.ofMinutes(1);

  // When we stop, a caller that has its reply loses its idle connection after this long.
  private static final Duration KEPT_ALIVE_WHEN_STOPPING = Duration.ofMillis(500);
  private static final int WAITING_CONNECTIONS = 1024;

  private HttpServer() {}

  static Javalin create(IngressSettings settings, Routes routes) {
    return Javalin.create(config -> {
      config.concurrency.useVirtualThreads = true;
      config.startup.showJavalinBanner = false;
      config.startup.showOldJavalinVersionWarning = false;
      config.startup.startupWatcherEnabled = false;
      config.http.prefer405over404 = true;
      config.http.generateEtags = false;
      config.http.compressionStrategy = CompressionStrategy.NONE;
      config.jetty.modifyServer(server -> {
        // A flood waits to be accepted instead of eating the heap.
        server.addBean(new NetworkConnectionLimit(settings.bounds().connections(), server));
        server.setErrorHandler(new JsonErrors());
      });
      config.jetty.addConnector((server, http) -> connector(server, http, settings));
      routes.on(config.routes);
    });
  }

  /** Longer than anybody waits. */
  static Duration idleTimeout(IngressSettings settings) {
    return settings.longestWait().plus(AFTER_THE_LONGEST_WAIT);
  }

  private static Connector connector(
      Server server, HttpConfiguration http, IngressSettings settings) {
    http.setSendServerVersion(false);
    // A connection's cache of header fields takes 100 KB; ten thousand connections have better
    // uses.
    http.setHeaderCacheSize(0);
    // A caller that waits is not idle.
    http.setIdleTimeout(idleTimeout(settings).toMillis());
    var connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost(settings.host());
    connector.setPort(settings.port());
    connector.setAcceptQueueSize(WAITING_CONNECTIONS);
    connector.setIdleTimeout(KEPT_ALIVE.toMillis());
    connector.setShutdownIdleTimeout(KEPT_ALIVE_WHEN_STOPPING.toMillis());
    listen(connector, settings);
    return connector;
  }

  /** Javalin would listen by itself, and log an error of its own if it may not. */
  private static void listen(ServerConnector connector, IngressSettings settings) {
    try {
      connector.open();
    } catch (IOException e) {
      throw new IngressStartException.PortBusy(settings.host(), settings.port(), e);
    }
  }

  /**
   * @throws IngressStartException.PortBusy when it cannot listen on its port
   */
  static void start(Javalin http) {
    http.start();
  }

  /**
   * @param grace callers have this long to take their reply
   */
  static void stop(Javalin http, Duration grace) {
    http.jettyServer().server().setStopTimeout(Math.max(1, grace.toMillis()));
    try {
      http.stop();
    } catch (JavalinException e) {
      LOG.warn("some callers did not take their reply in time");
    }
  }
}
