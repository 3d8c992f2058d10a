package io.penstock.embedded.testing;

import io.penstock.embedded.broker.EmbeddedBroker;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.TopicProvisioner;
import io.penstock.schemas.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;

/**
 * A real broker on a free port for a test: its data lives in a temporary directory that {@link
 * #close()} deletes. Topics are ready for records when {@code provision} returns.
 */
public final class TestingBroker implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path directory;
  private final EmbeddedBroker broker;
  private final Admin admin;

  private TestingBroker(Path directory, EmbeddedBroker broker) {
    this.directory = directory;
    this.broker = broker;
    this.admin = Admin.create(connection().admin("testing-broker"));
  }

  /** Starts a broker without topics; a few seconds. */
  public static TestingBroker start() {
    try {
      Path directory = Files.createTempDirectory("penstock-broker-");
      return new TestingBroker(directory, EmbeddedBroker.start(directory, 0));
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary directory", e);
    }
  }

  /** Starts a broker with all topics and share groups of the catalogue. */
  public static TestingBroker start(Topics topics) {
    return start().provision(topics);
  }

  /** Creates all topics and share groups of the catalogue. */
  public TestingBroker provision(Topics topics) {
    provisioner().provision(topics);
    return this;
  }

  /** Creates single topics. */
  public TestingBroker provision(Topic<?, ?>... topics) {
    provisioner().provision(List.of(topics));
    return this;
  }

  private TopicProvisioner provisioner() {
    return new TopicProvisioner(admin, TopicProvisioner.BROKER_DEFAULT, PATIENCE);
  }

  /** The address for {@code bootstrap.servers}. */
  public String bootstrap() {
    return broker.bootstrap();
  }

  /** The same address, with the settings that all of our clients share. */
  public KafkaConnection connection() {
    return KafkaConnection.to(bootstrap());
  }

  /** An admin client, closed with the broker. */
  public Admin admin() {
    return admin;
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
    broker.close();
    delete(directory);
  }

  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("deleting " + directory, e);
    }
  }
}
