package io.penstock.embedded.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedded.testing.ChildProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerTest {
  private static final TopicPartition LOG = new TopicPartition("log", 0);

  @TempDir Path directory;

  @Test
  void dataClusterAndTopicsSurviveARestart() throws Exception {
    String cluster;
    try (var broker = EmbeddedBroker.start(directory, 0)) {
      cluster = broker.clusterId();
      create(broker.bootstrap());
      send(broker.bootstrap(), "before");
    }
    try (var broker = EmbeddedBroker.start(directory, 0)) {
      assertThat(broker.clusterId()).isEqualTo(cluster);
      send(broker.bootstrap(), "after");
      assertThat(read(broker.bootstrap(), 2)).containsExactly("before", "after");
    }
  }

  @Test
  void nothingAcknowledgedIsLostWhenTheProcessIsKilled() throws Exception {
    try (var doomed = ChildProcess.broker(directory)) {
      create(doomed.told());
      send(doomed.told(), "before");
    }
    try (var broker = EmbeddedBroker.start(directory, 0)) {
      send(broker.bootstrap(), "after");
      assertThat(read(broker.bootstrap(), 2)).containsExactly("before", "after");
    }
  }

  @Test
  void aDirectoryInUseByAnotherProcessIsRefused() throws Exception {
    try (var _ = ChildProcess.start(Claimant.class, directory.toString())) {
      assertThatThrownBy(() -> EmbeddedBroker.start(directory, 0))
          .isInstanceOf(BrokerStartException.DirectoryInUse.class)
          .hasMessageContaining("stop that one");
    }
  }

  @Test
  void aBusyPortIsNamedWithTheRemedy() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      assertThatThrownBy(() -> EmbeddedBroker.start(directory, taken.getLocalPort()))
          .isInstanceOf(BrokerStartException.PortBusy.class)
          .hasMessageContaining("port " + taken.getLocalPort())
          .hasMessageContaining("choose another port");
    }
  }

  @Test
  void aDirectoryThatCannotBeMadeIsRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "in the way");
    assertThatThrownBy(() -> EmbeddedBroker.start(file.resolve("data"), 0))
        .isInstanceOf(BrokerStartException.DirectoryUnusable.class)
        .hasMessageContaining("choose another one");
  }

  @Test
  void aDirectoryOfSomebodyElseIsLeftAlone() throws IOException {
    Files.writeString(directory.resolve("thesis.tex"), "ten years of work");
    assertThatThrownBy(() -> EmbeddedBroker.start(directory, 0))
        .isInstanceOf(BrokerStartException.DirectoryForeign.class)
        .hasMessageContaining("thesis.tex");
    assertThat(directory).isDirectoryNotContaining("glob:**penstock*");
  }

  @Test
  void theDataOfAnotherClusterIsRefused() throws IOException {
    DataDirectory.claim(directory).close();
    Path kafka = Files.createDirectories(directory.resolve("kafka"));
    Files.writeString(kafka.resolve("meta.properties"), "cluster.id=somebody\n");
    assertThatThrownBy(() -> EmbeddedBroker.start(directory, 0))
        .isInstanceOf(BrokerStartException.DirectoryForeign.class)
        .hasMessageContaining("cluster somebody");
  }

  @Test
  void aDamagedDirectoryIsToldToTheCallerAndTheProcessLives() throws IOException {
    EmbeddedBroker.start(directory, 0).close();
    Path quorum = directory.resolve("kafka").resolve("__cluster_metadata-0");
    Files.writeString(quorum.resolve("quorum-state"), "a cat walked over the keyboard");
    assertThatThrownBy(() -> EmbeddedBroker.start(directory, 0))
        .isInstanceOf(BrokerStartException.Failed.class)
        .hasMessageContaining(directory.toString());
    DataDirectory.claim(directory).close(); // and is not locked any more
  }

  @Test
  void aDirectoryInUseInThisProcessIsRefused() {
    try (var holder = DataDirectory.claim(directory)) {
      assertThatThrownBy(() -> EmbeddedBroker.start(holder.path(), 0))
          .isInstanceOf(BrokerStartException.DirectoryInUse.class)
          .hasMessageContaining("stop that one");
    }
  }

  private static void create(String bootstrap) throws Exception {
    try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin.createTopics(List.of(new NewTopic(LOG.topic(), 1, (short) 1))).all().get();
    }
  }

  private static void send(String bootstrap, String text)
      throws ExecutionException, InterruptedException {
    try (var producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap, "enable.idempotence", true),
            new StringSerializer(),
            new StringSerializer())) {
      producer.send(new ProducerRecord<>(LOG.topic(), text)).get();
    }
  }

  private static List<String> read(String bootstrap, int count) {
    try (var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of("bootstrap.servers", bootstrap),
            new StringDeserializer(),
            new StringDeserializer())) {
      consumer.assign(List.of(LOG));
      consumer.seekToBeginning(List.of(LOG));
      var texts = new ArrayList<String>();
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> {
            consumer.poll(Duration.ofMillis(200)).forEach(r -> texts.add(r.value()));
            return texts.size() >= count;
          });
      return texts;
    }
  }
}
