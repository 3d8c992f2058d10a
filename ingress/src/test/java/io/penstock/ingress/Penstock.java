package io.penstock.ingress;

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
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A broker, a fake topology and as many ingress instances as a test wants. One broker serves all
 * test classes that name this extension and ask for a {@code Penstock}.
 */
final class Penstock implements AutoCloseable {
  static final int PARTITIONS = 4;
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
  private final Deque<Http> open = new ArrayDeque<>();

  /** Hands the one {@code Penstock} of the test run to whoever asks; it is closed at the end. */
  static final class Extension implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Penstock.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.GLOBAL)
          .computeIfAbsent(Penstock.class, _ -> new Penstock(), Penstock.class);
    }
  }

  /** An instance with a name and a data directory of its own; closed at the end of the run. */
  Http ingress() {
    String name = newName();
    return ingress(IngressSettings.of(name, 0, directory(name)));
  }

  /** An instance with these settings; closed at the end of the run, if not before. */
  Http ingress(IngressSettings settings) {
    return ingress(settings, kafka);
  }

  /** An instance with a way of its own to the broker. */
  Http ingress(IngressSettings settings, KafkaConnection connection) {
    var http =
        new Http(
            Ingress.start(
                settings,
                connection,
                topics,
                registry,
                admission,
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)));
    open.push(http);
    return http;
  }

  static String newName() {
    return "ingress-" + INSTANCES.incrementAndGet();
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
    open.forEach(Http::close);
    topology.close();
    broker.close();
    Directories.delete(directory);
  }
}
