package io.penstock.embedded.registry;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topic;
import io.penstock.schemas.TopicProvisioner;
import io.penstock.schemas.Topics;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;

/**
 * A registry that keeps its entries in a compacted Kafka topic: the same schema has the same id
 * after any restart. An id is handed out once its entry is durable.
 */
public final class EmbeddedRegistry extends LocalRegistry {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final RegistryLog log; // guarded by this

  private EmbeddedRegistry(RegistryLog log) {
    this.log = log;
  }

  /**
   * Opens the registry of a cluster, creating its topic when that is missing.
   *
   * @param prefix of the topic's name, see {@link Topics#schemas}
   * @throws io.penstock.schemas.ProvisioningException when the topic cannot be had
   * @throws io.penstock.schemas.registry.RegistryException.Unavailable when it cannot be read
   */
  public static EmbeddedRegistry open(KafkaConnection kafka, String prefix) {
    Topic<?, ?> topic = Topics.schemas(prefix);
    try (var admin = Admin.create(kafka.admin("penstock-registry"))) {
      new TopicProvisioner(admin, TopicProvisioner.BROKER_DEFAULT, PATIENCE)
          .provision(List.of(topic));
    }
    var registry = new EmbeddedRegistry(new RegistryLog(kafka, topic.name()));
    registry.load();
    return registry;
  }

  @Override
  boolean append(Entry entry) {
    return log.append(entry);
  }

  @Override
  void catchUp(RegistryState state) {
    log.read(state::apply);
  }

  @Override
  public synchronized void close() {
    log.close();
  }
}
