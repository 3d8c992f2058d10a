package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Lane;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.Test;

class TopicsTest {
  private final TestingRegistry registry = new TestingRegistry();
  private final Topics topics = new Topics("penstock.", 4, registry);

  @Test
  void theNamesOutliveReleases() {
    assertThat(topics.all())
        .extracting(Topic::name)
        .containsExactly(
            "penstock.requests.express",
            "penstock.requests.standard",
            "penstock.requests.batch",
            "penstock.internal.gated",
            "penstock.internal.rekeyed",
            "penstock.internal.windows",
            "penstock.work.express",
            "penstock.work.standard",
            "penstock.work.batch",
            "penstock.work.jobs",
            "penstock.results",
            "penstock.chunks",
            "penstock.withdrawals",
            "penstock.cancellations",
            "penstock.providers",
            "penstock.responses",
            "penstock.billing",
            "penstock.internal.budget.questions",
            "penstock.internal.budget.grants",
            "penstock.budgets",
            "penstock.files",
            "penstock.batches",
            "penstock.dead-letters");
    assertThat(Topics.schemas("penstock.").name()).isEqualTo("penstock.schemas");
  }

  @Test
  void everythingAboutOneFingerprintMeetsInOneTask() {
    Set<Integer> partitions = new HashSet<>();
    Stream.of(Lane.values()).forEach(lane -> partitions.add(topics.requests(lane).partitions()));
    partitions.add(topics.results().partitions());
    partitions.add(topics.gated().partitions());
    partitions.add(topics.rekeyed().partitions());
    partitions.add(topics.withdrawals().partitions());
    partitions.add(topics.budgetGrants().partitions());
    assertThat(partitions).containsExactly(4);
  }

  @Test
  void everyTopicTakesTheLargestRecord() {
    assertThat(topics.all())
        .allSatisfy(topic ->
            assertThat(topic.config())
                .containsEntry(
                    TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                    Integer.toString(Limits.LARGEST_RECORD_BYTES)));
  }

  @Test
  void theLedgerForgetsNothing() {
    assertThat(topics.billing().config())
        .containsEntry(TopicConfig.CLEANUP_POLICY_CONFIG, "delete")
        .containsEntry(TopicConfig.RETENTION_MS_CONFIG, "-1");
  }

  @Test
  void whatKilledWorkersSaidOfProvidersGoesInTime() {
    assertThat(topics.providers().config())
        .containsEntry(TopicConfig.CLEANUP_POLICY_CONFIG, "compact,delete")
        .containsEntry(TopicConfig.RETENTION_MS_CONFIG, "3600000")
        .containsEntry(TopicConfig.SEGMENT_MS_CONFIG, "3600000");
  }

  @Test
  void filesAndWhatIsKnownOfThemAreKeptForEquallyLong() {
    assertThat(topics.files().config())
        .containsEntry(TopicConfig.CLEANUP_POLICY_CONFIG, "delete")
        .containsEntry(TopicConfig.RETENTION_MS_CONFIG, "2592000000");
    assertThat(topics.batches().config())
        .containsEntry(TopicConfig.CLEANUP_POLICY_CONFIG, "compact,delete")
        .containsEntry(TopicConfig.RETENTION_MS_CONFIG, "2592000000");
  }

  @Test
  void theRegistrysLogIsOnePartitionThatKeepsTheLastOfEachKey() {
    assertThat(Topics.schemas("penstock.").partitions()).isEqualTo(1);
    assertThat(Topics.schemas("penstock.").config())
        .containsEntry(TopicConfig.CLEANUP_POLICY_CONFIG, "compact");
  }

  @Test
  void theSchemasOfAllAvroTopicsAreRegisteredBeforeTheFirstRecord() {
    topics.registerSchemas();
    assertThat(registry.subjects().keySet())
        .isEqualTo(
            topics.all().stream()
                .filter(topic -> topic.values() instanceof AvroSerde)
                .map(topic -> topic.name() + "-value")
                .collect(Collectors.toSet()));
  }
}
