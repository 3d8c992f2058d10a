package io.penstock.ingress;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.util.JavalinBindException;
import java.time.Duration;

/** The HTTP server: Javalin, with a virtual thread for each exchange. */
final class HttpServer {
  private static final Duration GRACE = Duration.ofMillis(500);
  private static final Duration AFTER_THE_LONGEST_WAIT = Duration.ofMinutes(1);

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
        server.setStopTimeout(GRACE.toMillis());
        server.setErrorHandler(new JsonErrors());
      });
      config.jetty.modifyHttpConfiguration(http -> {
        http.setSendServerVersion(false);
        // A caller that waits is not idle.
        http.setIdleTimeout(settings.longestWait().plus(AFTER_THE_LONGEST_WAIT).toMillis());
      });
      routes.on(config.routes);
    });
  }

  static void start(Javalin http, IngressSettings settings) {
    try {
      http.start(settings.host(), settings.port());
    } catch (JavalinBindException e) {
      throw new IngressStartException.PortBusy(settings.host(), settings.port(), e);
    }
  }
}
