package io.penstock.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.embedded.testing.TestingBroker;
import io.penstock.policies.admit.Admission;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topics;
import io.penstock.schemas.registry.SchemaRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A broker, a fake topology and as many ingress instances as a test wants. One broker serves all
 * test classes that name this extension and ask for a {@code Penstock}.
 */
final class Penstock implements AutoCloseable {
  static final int PARTITIONS = 4;

  /** Longer than any machine pauses: what must happen happens by then. */
  static final Duration SOON = Duration.ofMinutes(1);

  static {
    Awaitility.setDefaultTimeout(SOON);
  }

  private static final String NAME = "ingress";
  private static final AtomicInteger INSTANCES = new AtomicInteger();

  final SchemaRegistry registry = new MemoryRegistry();
  final Topics topics = new Topics("penstock.", PARTITIONS, registry);
  final Admission admission =
      new Admission(
          Admission.DEFAULT_DEADLINES,
          new ModelDirectory(
              Map.of(FakeTopology.MODEL, "simulator", "large", "simulator"), FakeTopology.MODEL),
          PARTITIONS);
  final TestingBroker broker = TestingBroker.start(topics);
  final KafkaConnection kafka = KafkaConnection.to(broker.bootstrap());
  final FakeTopology topology = new FakeTopology(kafka, topics);
  private final Path directory = temporary();
  private final Set<Http> open = ConcurrentHashMap.newKeySet();

  /**
   * Hands the one {@code Penstock} of the test run to whoever asks; it is closed at the end of the
   * run, and the instances of a test class at the end of the class.
   */
  static final class Extension implements ParameterResolver, AfterAllCallback {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Penstock.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return penstock(context);
    }

    @Override
    public void afterAll(ExtensionContext context) {
      penstock(context).closeInstances();
    }

    private static Penstock penstock(ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.GLOBAL)
          .computeIfAbsent(Penstock.class, _ -> new Penstock(), Penstock.class);
    }
  }

  /**
   * An instance with a name and a data directory of its own, that has read the log and is
   * connected; closed after the test class, if not before.
   */
  Http ingress() {
    String name = newName();
    return ingress(IngressSettings.of(name, 0, directory(name)));
  }

  /**
   * An instance with these settings.
   *
   * @param headers with which it lets callers in
   */
  Http ingress(IngressSettings settings, String... headers) {
    return ingress(settings, kafka, Ingress.GRACE, headers);
  }

  /** An instance that stops without hurry: those who are to be told something are told. */
  Http unhurried() {
    String name = newName();
    return ingress(IngressSettings.of(name, 0, directory(name)), kafka, SOON);
  }

  /** An instance with a way of its own to the broker. */
  Http ingress(
      IngressSettings settings, KafkaConnection connection, Duration grace, String... headers) {
    var http =
        new Http(
            Ingress.start(
                settings,
                connection,
                topics,
                registry,
                admission,
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                grace));
    open.add(http);
    awaitReady(http.port(), headers);
    return http;
  }

  /** Over connections of their own, which take no room from a test's. */
  private static void awaitReady(int port, String... headers) {
    var request = new StringBuilder("GET /v1/requests/x HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < headers.length; i += 2) {
      request.append(headers[i]).append(": ").append(headers[i + 1]).append("\r\n");
    }
    byte[] bytes = request.append("Connection: close\r\n\r\n").toString().getBytes(US_ASCII);
    Awaitility.await()
        .pollDelay(Duration.ZERO)
        .until(() -> Raw.exchange(port, bytes).startsWith("HTTP/1.1 404"));
  }

  /** All at the same time: what each takes is mostly the patience with connections nobody uses. */
  private void closeInstances() {
    try (var together = new Together()) {
      open.forEach(together::add);
    }
    open.clear();
  }

  /** Until then a data directory is in use: an instance waits only so long for its views. */
  static void awaitEnd(String name) {
    Awaitility.await()
        .until(() ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith(name + "-")));
  }

  static String newName() {
    return NAME + "-" + INSTANCES.incrementAndGet();
  }

  Path directory(String name) {
    return directory.resolve(name);
  }

  private static Path temporary() {
    try {
      return Files.createTempDirectory("penstock-ingress-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    closeInstances();
    awaitEnd(NAME);
    topology.close();
    broker.close();
    Directories.delete(directory);
  }
}
