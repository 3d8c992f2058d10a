package io.penstock.embedded.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.schemas.Limits;
import io.penstock.schemas.Names;
import io.penstock.schemas.ProvisioningException;
import io.penstock.schemas.Topic;
import io.penstock.schemas.TopicProvisioner;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeConfigsResult;
import org.apache.kafka.clients.admin.ForwardingAdmin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.ListTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TopicProvisionerTest {
  private static TestingBroker broker;

  @BeforeAll
  static void start() {
    broker = TestingBroker.start();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static TopicProvisioner provisioner(Admin admin) {
    return new TopicProvisioner(admin, TopicProvisioner.BROKER_DEFAULT, Duration.ofSeconds(10));
  }

  private static Topics topics(String prefix, int partitions) {
    return new Topics(prefix, partitions, new MemoryRegistry());
  }

  @Test
  void everyTopicOfTheCatalogueIsCreatedOnceAndReady() {
    var topics = topics("once.", 3);
    var names = topics.all().stream().map(Topic::name).toList();

    assertThat(provisioner(broker.admin()).provision(topics).created()).isEqualTo(names);

    assertThat(provisioner(broker.admin()).provision(topics))
        .isEqualTo(new TopicProvisioner.Report(List.of(), List.of()));
    assertThat(config(ConfigResource.Type.TOPIC, topics.billing().name()))
        .containsAllEntriesOf(topics.billing().config());
  }

  @Test
  void aTopicMadeByHandGetsWhatItLacksAndKeepsWhatItsOwnerSet() throws Exception {
    var topic = topics("hand.", 2).requests(Lane.EXPRESS);
    var made =
        new NewTopic(topic.name(), topic.partitions(), (short) 1)
            .configs(Map.of("retention.ms", "60000", "max.message.bytes", "1000"));
    broker.admin().createTopics(List.of(made)).all().get();

    var report = provisioner(broker.admin()).provision(List.of(topic));

    assertThat(report.completed()).containsExactly(topic.name());
    assertThat(config(ConfigResource.Type.TOPIC, topic.name()))
        .containsEntry("retention.ms", "60000")
        .containsEntry("max.message.bytes", Integer.toString(Limits.LARGEST_RECORD_BYTES));
  }

  /** What a broker lists lags behind what its controller has made. */
  @Test
  void aTopicThatTheBrokerDoesNotListYetIsCompletedLikeAnyOther() throws Exception {
    var topic = topics("lag.", 2).requests(Lane.EXPRESS);
    var before = broker.admin().listTopics(new ListTopicsOptions());
    assertThat(before.names().get()).doesNotContain(topic.name());
    var made = new NewTopic(topic.name(), topic.partitions(), (short) 1);
    broker.admin().createTopics(List.of(made)).all().get();

    try (var lagging =
        new ForwardingAdmin(Map.of("bootstrap.servers", broker.bootstrap())) {
          @Override
          public ListTopicsResult listTopics(ListTopicsOptions options) {
            return before;
          }
        }) {
      assertThat(provisioner(lagging).provision(List.of(topic)))
          .isEqualTo(new TopicProvisioner.Report(List.of(), List.of(topic.name())));
    }
    assertThat(config(ConfigResource.Type.TOPIC, topic.name()))
        .containsAllEntriesOf(topic.config());
  }

  @Test
  void aBrokerThatCountsAsDeadForAMomentIsWaitedFor() {
    var topic = topics("slept.", 1).requests(Lane.EXPRESS);
    var asked = new AtomicInteger();
    try (var slept =
        new ForwardingAdmin(Map.of("bootstrap.servers", broker.bootstrap())) {
          @Override
          public CreateTopicsResult createTopics(
              Collection<NewTopic> topics, CreateTopicsOptions options) {
            return asked.incrementAndGet() == 1
                ? new Refused(topic.name())
                : super.createTopics(topics, options);
          }
        }) {
      assertThat(provisioner(slept).provision(List.of(topic)).created())
          .containsExactly(topic.name());
    }
  }

  /** In Kafka's words. */
  private static final class Refused extends CreateTopicsResult {
    Refused(String topic) {
      super(Map.of(topic, failed()));
    }

    private static KafkaFuture<TopicMetadataAndConfig> failed() {
      var failed = new KafkaFutureImpl<TopicMetadataAndConfig>();
      failed.completeExceptionally(
          new InvalidReplicationFactorException(
              "Unable to replicate the partition 1 time(s): All brokers are currently fenced."));
      return failed;
    }
  }

  @Test
  void aTopicThatWasOnlyCompactedForgetsFromNowOn() throws Exception {
    var topic = topics("once-compact.", 1).providers();
    var made =
        new NewTopic(topic.name(), 1, (short) 1).configs(Map.of("cleanup.policy", "compact"));
    broker.admin().createTopics(List.of(made)).all().get();

    provisioner(broker.admin()).provision(List.of(topic));

    assertThat(config(ConfigResource.Type.TOPIC, topic.name()))
        .containsEntry("cleanup.policy", "compact,delete");
  }

  @Test
  void whatWasSetIsThereOnlyWhenABrokerShowsIt() throws Exception {
    var topic = topics("slow.", 1).requests(Lane.EXPRESS);
    var made = new NewTopic(topic.name(), topic.partitions(), (short) 1);
    broker.admin().createTopics(List.of(made)).all().get();
    var topicOnly = List.of(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()));
    var before =
        Awaitility.await()
            .atMost(Duration.ofMinutes(1))
            .ignoreExceptions() // until the broker has heard of it
            .until(
                () -> {
                  var shown = broker.admin().describeConfigs(topicOnly);
                  shown.all().get();
                  return shown;
                },
                shown -> true);
    var looks = new AtomicInteger();
    try (var slow =
        new ForwardingAdmin(Map.of("bootstrap.servers", broker.bootstrap())) {
          @Override
          public DescribeConfigsResult describeConfigs(
              Collection<ConfigResource> resources, DescribeConfigsOptions options) {
            return looks.incrementAndGet() <= 3
                ? before
                : super.describeConfigs(resources, options);
          }
        }) {
      provisioner(slow).provision(List.of(topic));
    }
    assertThat(looks).as("once to complete, then until it shows").hasValueGreaterThanOrEqualTo(4);
  }

  @Test
  void anotherNumberOfPartitionsIsRefusedWithTheRemedy() {
    provisioner(broker.admin()).provision(topics("parts.", 2));
    assertThatThrownBy(() -> provisioner(broker.admin()).provision(topics("parts.", 4)))
        .isInstanceOf(ProvisioningException.PartitionsDiffer.class)
        .hasMessageContaining("parts.requests.express has 2 partitions, not 4");
  }

  @Test
  void theWorkersOfEachLaneReadWorkThatWasProducedBeforeTheyCame() {
    provisioner(broker.admin()).provision(topics("groups.", 1));
    for (Lane lane : Lane.values()) {
      assertThat(config(ConfigResource.Type.GROUP, Names.WORKERS + "-" + Topics.word(lane)))
          .containsEntry("share.auto.offset.reset", "earliest")
          .containsEntry("share.record.lock.duration.ms", "15000");
    }
  }

  @Test
  void aBrokerThatIsDownIsUnavailableAndNamed() {
    try (var admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:1"))) {
      var impatient =
          new TopicProvisioner(admin, TopicProvisioner.BROKER_DEFAULT, Duration.ofMillis(300));
      assertThatThrownBy(() -> impatient.provision(topics("down.", 1)))
          .isInstanceOf(ProvisioningException.Unavailable.class)
          .hasMessageContaining("check the bootstrap servers");
    }
  }

  private static Map<String, String> config(ConfigResource.Type type, String name) {
    var resource = new ConfigResource(type, name);
    try {
      return broker.admin().describeConfigs(List.of(resource)).all().get().values().stream()
          .flatMap(config -> config.entries().stream())
          .filter(entry -> entry.value() != null)
          .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value));
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }
}
