package io.penstock.topology;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.TopicProvisioner;
import io.penstock.schemas.Topics;
import java.time.Duration;
import org.apache.kafka.clients.admin.Admin;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.kafka.KafkaContainer;

/** The same on the broker that production runs, where there is Docker. */
@Testcontainers(disabledWithoutDocker = true)
final class ContainerTakeoverTest extends TakeoverTest {
  private static final String IMAGE = "apache/kafka:4.3.1";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @Override
  String startBroker(Topics topics) {
    var container = opened(new KafkaContainer(IMAGE));
    container.start();
    var connection = KafkaConnection.to(container.getBootstrapServers());
    try (var admin = Admin.create(connection.admin("test"))) {
      new TopicProvisioner(admin, TopicProvisioner.BROKER_DEFAULT, PATIENCE).provision(topics);
    }
    return connection.bootstrapServers();
  }
}
