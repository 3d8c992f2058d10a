package io.penstock.embedded.simulator;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * A model provider that runs here and costs nothing. Serves {@code POST /v1/chat/completions},
 * {@code POST /v1/messages}, {@code POST /v1/embeddings}, both providers' batches and {@code GET
 * /v1/models} for every model of a price catalogue, and is steered and read through {@code /admin}.
 *
 * <p>Every call has a virtual thread of its own, so slow calls do not wait for one another. For any
 * thread.
 */
public final class Simulator implements AutoCloseable {
  /** The largest request that is read, as Anthropic documents it. */
  static final int LARGEST_BODY_BYTES = 32 * 1024 * 1024;

  /** Longer than any wait that can be asked for. */
  private static final Duration IDLE_CONNECTION = Latency.LONGEST.multipliedBy(4);

  private static final int WAITING_CONNECTIONS = 4_096;

  private final Provider provider;
  private final Javalin server;

  private Simulator(Provider provider, Javalin server) {
    this.provider = provider;
    this.server = server;
  }

  /**
   * Starts a simulator; it serves when this returns.
   *
   * @param prices a price catalogue ({@code penstock/prices.json} has the format); read, not closed
   * @throws IllegalArgumentException when the catalogue is not one
   * @throws UncheckedIOException when the port is taken; the message is for people
   */
  public static Simulator start(SimulatorSettings settings, InputStream prices) {
    return start(settings, prices, InstantSource.system());
  }

  static Simulator start(SimulatorSettings settings, InputStream prices, InstantSource clock) {
    Provider provider = new Provider(settings, Prices.read(prices), clock);
    Javalin server = Javalin.create(config -> configure(config, settings, provider));
    return new Simulator(provider, server.start());
  }

  /** The port it listens on. */
  public int port() {
    return server.port();
  }

  /** Stops at once: calls in flight are dropped. */
  @Override
  public void close() {
    provider.close();
    server.stop();
  }

  private static void configure(
      JavalinConfig config, SimulatorSettings settings, Provider provider) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.maxRequestSize = LARGEST_BODY_BYTES;
    config.http.compressionStrategy = CompressionStrategy.NONE;
    config.jetty.threadPool = threads();
    config.jetty.addConnector((jetty, http) -> connector(jetty, http, settings));
    for (Dialect dialect :
        new Dialect[] {
          new OpenAiDialect(),
          new AnthropicDialect(),
          new CompletionsDialect(),
          new EmbeddingsDialect()
        }) {
      config.routes.post(dialect.path(), new ModelEndpoint(dialect, provider));
    }
    new Models(provider).addTo(config.routes);
    new OpenAiFiles(provider).addTo(config.routes);
    new OpenAiBatches(provider).addTo(config.routes);
    new AnthropicBatches(provider).addTo(config.routes);
    var metrics = new Metrics(provider);
    metrics.addTo(config.routes);
    new Admin(provider, metrics).addTo(config.routes);
  }

  /** Platform threads for the selector and the acceptor, a virtual one for each call. */
  private static QueuedThreadPool threads() {
    QueuedThreadPool threads = new QueuedThreadPool(16, 2);
    threads.setName("simulator");
    threads.setDaemon(true);
    threads.setVirtualThreadsExecutor(VirtualThreads.getNamedVirtualThreadsExecutor("simulator-"));
    return threads;
  }

  private static ServerConnector connector(
      Server jetty, HttpConfiguration http, SimulatorSettings settings) {
    ServerConnector connector = new ServerConnector(jetty, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(settings.host());
    connector.setPort(settings.port());
    connector.setIdleTimeout(IDLE_CONNECTION.toMillis());
    connector.setAcceptQueueSize(WAITING_CONNECTIONS);
    open(connector);
    return connector;
  }

  /** Takes the port now, so that a busy one is our exception and not a page of log. */
  private static void open(ServerConnector connector) {
    try {
      connector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the simulator cannot listen on "
              + connector.getHost()
              + ":"
              + connector.getPort()
              + ": free that port, or choose another (0 takes a free one)",
          e);
    }
  }
}
