package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.embedded.testing.TestingBroker;
import io.penstock.ingress.ledger.By;
import io.penstock.ingress.ledger.LedgerView;
import io.penstock.ingress.ledger.Report;
import io.penstock.ingress.ledger.Sum;
import io.penstock.ingress.view.TopicView;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Provenance;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class LedgerTest {
  private static final Topics NAMES = new Topics("", 2, new MemoryRegistry());
  private static int logs;
  private static TestingBroker broker;
  private static KafkaProducer<String, byte[]> producer;

  @TempDir Path directory;
  private Topics topics = NAMES;

  @BeforeAll
  static void startBroker() {
    broker = TestingBroker.start();
    producer =
        new KafkaProducer<>(
            KafkaConnection.to(broker.bootstrap())
                .producer("settle", Duration.ZERO, Duration.ofSeconds(10)),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  @AfterAll
  static void stopBroker() {
    producer.close();
    broker.close();
  }

  @BeforeEach
  void aLogOfItsOwn() {
    topics = new Topics("ledger-" + ++logs + ".", 2, new MemoryRegistry());
    broker.provision(topics.billing());
  }

  @Test
  void eventsAddUpByEveryBreakdown() {
    try (var ledger = ledger()) {
      bill(event("attempt:1", 2, "acme", Lane.EXPRESS, "small", Cause.PROVIDER, 100L, 0L));
      bill(event("attempt:2", 2, "acme", Lane.BATCH, "large", Cause.PROVIDER, 1_000L, 0L));
      bill(event("answer:3", 2, "rival", Lane.EXPRESS, "small", Cause.EXACT, 0L, 70L));
      awaitEvents(ledger, 3);
      assertThat(rows(ledger, By.TENANT)).containsOnlyKeys("acme", "rival");
      assertThat(rows(ledger, By.MODEL)).containsOnlyKeys("large", "small");
      assertThat(rows(ledger, By.LANE)).containsOnlyKeys("batch", "express");
      assertThat(rows(ledger, By.CAUSE)).containsOnlyKeys("exact", "provider");
      assertThat(rows(ledger, By.TENANT).get("acme")).isEqualTo(sum(2, 1_100, 0, 0, 0));
      assertThat(rows(ledger, By.LANE).get("express")).isEqualTo(sum(2, 100, 70, 0, 0));
      assertThat(report(ledger, By.CAUSE).total()).isEqualTo(sum(3, 1_100, 70, 0, 0));
      assertThat(ledger.report(By.MODEL, "acme").orElseThrow().total())
          .isEqualTo(sum(2, 1_100, 0, 0, 0));
    }
  }

  @Test
  void whatIsOnTheLogIsInTheNextReport() {
    try (var ledger = ledger()) {
      Awaitility.await().until(() -> ledger.report(By.TENANT, null).isPresent());
      for (int i = 1; i <= 10; i++) {
        bill(event("attempt:" + i, 2, "acme", Lane.EXPRESS, "small", Cause.PROVIDER, 1L, 0L));
        producer.flush();
        assertThat(report(ledger, By.TENANT).total()).isEqualTo(sum(i, i, 0, 0, 0));
      }
    }
  }

  @Test
  void aRepeatedEventCountsOnceAndOnlyAHigherRevisionReplacesIt() {
    try (var ledger = ledger()) {
      bill(guessed("attempt:1", 1, 500L, Provenance.ORPHANED));
      awaitTotal(ledger, sum(1, 500, 0, 500, 0));
      bill(guessed("attempt:1", 1, 500L, Provenance.ORPHANED));
      bill(event("attempt:1", 2, "rival", Lane.BATCH, "large", Cause.PROVIDER, 320L, 0L));
      awaitTotal(ledger, sum(1, 320, 0, 0, 0));
      bill(guessed("attempt:1", 1, 500L, Provenance.ORPHANED));
      bill(event("attempt:1", 2, "acme", Lane.BATCH, "large", Cause.PROVIDER, 9L, 0L));
      bill(event("attempt:2", 2, "rival", Lane.BATCH, "large", Cause.PROVIDER, 1L, 0L));
      awaitTotal(ledger, sum(2, 321, 0, 0, 0));
      assertThat(rows(ledger, By.TENANT)).containsOnlyKeys("rival");
    }
  }

  @Test
  void whatIsUnknownIsCountedAndNotTakenForZero() {
    try (var ledger = ledger()) {
      bill(event("attempt:1", 2, "acme", Lane.EXPRESS, "odd", Cause.PROVIDER, null, 0L));
      bill(event("answer:2", 2, "acme", Lane.EXPRESS, "odd", Cause.EXACT, 0L, null));
      bill(event("attempt:3", 2, "acme", Lane.EXPRESS, "small", Cause.PROVIDER, 5L, 0L));
      awaitTotal(ledger, sum(3, 5, 0, 0, 2));
      bill(event("attempt:1", 3, "acme", Lane.EXPRESS, "odd", Cause.PROVIDER, 7L, 0L));
      awaitTotal(ledger, sum(3, 12, 0, 0, 1));
    }
  }

  @Test
  void whatNoProviderReportedIsPartOfTheSpentAndShownApart() {
    try (var ledger = ledger()) {
      bill(guessed("attempt:1", 2, 30L, Provenance.ESTIMATED));
      bill(guessed("attempt:2", 1, 4L, Provenance.ORPHANED));
      bill(guessed("attempt:3", 2, 0L, Provenance.UNBILLED));
      bill(guessed("attempt:4", 2, 200L, Provenance.REPORTED));
      awaitTotal(ledger, sum(4, 234, 0, 34, 0));
    }
  }

  @Test
  void sumsBeyondALongAreExact() {
    try (var ledger = ledger()) {
      for (int i = 0; i < 3; i++) {
        bill(guessed("attempt:" + i, 2, Long.MAX_VALUE, Provenance.REPORTED));
      }
      awaitEvents(ledger, 3);
      assertThat(report(ledger, By.TENANT).total().spent())
          .isEqualTo(BigInteger.valueOf(Long.MAX_VALUE).multiply(BigInteger.valueOf(3)));
    }
  }

  @Test
  void aRestartNeitherForgetsNorCountsTwice() {
    try (var ledger = ledger()) {
      bill(guessed("attempt:1", 1, 10L, Provenance.ORPHANED));
      bill(guessed("attempt:2", 2, 5L, Provenance.REPORTED));
      awaitTotal(ledger, sum(2, 15, 0, 10, 0));
    }
    bill(guessed("attempt:2", 2, 5L, Provenance.REPORTED)); // while nobody reads
    bill(guessed("attempt:1", 2, 8L, Provenance.REPORTED));
    bill(guessed("attempt:3", 2, 1L, Provenance.REPORTED));
    try (var again = ledger()) {
      awaitTotal(again, sum(3, 14, 0, 0, 0));
    }
  }

  @Test
  void aLostOrDamagedDirectoryIsMadeAnewFromTheLog() {
    var expected = sum(50, 1_225, 0, 0, 0);
    for (int i = 0; i < 50; i++) {
      bill(guessed("attempt:" + i, 2, (long) i, Provenance.REPORTED));
    }
    try (var ledger = ledger()) {
      awaitTotal(ledger, expected);
    }
    Directories.damage(directory);
    try (var mended = ledger()) {
      awaitTotal(mended, expected);
    }
    Directories.delete(directory);
    try (var anew = ledger()) {
      awaitTotal(anew, expected);
    }
  }

  @Test
  void whatWasReadFromAnotherTopicOfTheSameNameIsForgotten() throws Exception {
    bill(guessed("attempt:old", 2, 99L, Provenance.REPORTED));
    try (var ledger = ledger()) {
      awaitEvents(ledger, 1);
    }
    String topic = topics.billing().name();
    broker.admin().deleteTopics(List.of(topic)).all().get();
    Awaitility.await().until(() -> !broker.admin().listTopics().names().get().contains(topic));
    broker.provision(topics.billing());
    bill(guessed("attempt:new", 2, 1L, Provenance.REPORTED));
    try (var again = ledger()) {
      awaitTotal(again, sum(1, 1, 0, 0, 0));
    }
  }

  @Test
  void anEventThatCannotBeReadStopsNobody() throws Exception {
    try (var ledger = ledger()) {
      producer.send(new ProducerRecord<>(topics.billing().name(), 0, "x", new byte[] {9})).get();
      producer.send(new ProducerRecord<>(topics.billing().name(), 0, "x", null)).get();
      bill(guessed("attempt:1", 2, 5L, Provenance.REPORTED));
      awaitTotal(ledger, sum(1, 5, 0, 0, 0));
    }
  }

  @Test
  void whateverIsRepeatedAndRevisedTheTotalIsThatOfTheHighestRevisions() {
    var random = new Random(7);
    var highest = new HashMap<String, CostEvent>();
    for (int i = 0; i < 3_000; i++) {
      String id = "attempt:" + random.nextInt(200);
      int revision = 1 + random.nextInt(5);
      var known = highest.get(id);
      // One revision of an id always says the same.
      var said = new Random(id.hashCode() * 31L + revision);
      var event =
          event(
              id,
              revision,
              "tenant-" + said.nextInt(3),
              List.of(Lane.values()).get(said.nextInt(3)),
              "model-" + said.nextInt(2),
              List.of(Cause.values()).get(said.nextInt(4)),
              said.nextInt(10) == 0 ? null : (long) said.nextInt(1_000_000),
              said.nextInt(10) == 0 ? null : (long) said.nextInt(1_000_000));
      bill(event);
      if (known == null || known.getRevision() < revision) {
        highest.put(id, event);
      }
    }
    long spent = 0;
    long unknown = 0;
    for (CostEvent event : highest.values()) {
      spent += event.getSpentPicoUsd() == null ? 0 : event.getSpentPicoUsd();
      unknown += event.getSpentPicoUsd() == null || event.getAvoidedPicoUsd() == null ? 1 : 0;
    }
    BigInteger expected = BigInteger.valueOf(spent);
    try (var ledger = ledger()) {
      Awaitility.await().until(() -> ledger.report(By.TENANT, null).isPresent());
      for (By by : By.values()) {
        var report = report(ledger, by);
        assertThat(report.total().spent()).isEqualTo(expected);
        assertThat(report.total().events()).isEqualTo(highest.size());
        assertThat(report.total().unknown()).isEqualTo(unknown);
        assertThat(report.rows().values().stream().map(Sum::spent).reduce(BigInteger::add))
            .contains(expected);
      }
    }
  }

  @Test
  void aTopicThatIsNotThereYetIsMissedOnceAndThenQuietly() throws Exception {
    topics = new Topics("later-" + ++logs + ".", 2, new MemoryRegistry());
    var logger = (Logger) LoggerFactory.getLogger(TopicView.class);
    var said = new ListAppender<ILoggingEvent>();
    said.start();
    logger.addAppender(said);
    try (var ledger = ledger()) {
      Awaitility.await()
          .during(Duration.ofMillis(1500))
          .atMost(Duration.ofSeconds(10))
          .until(() -> List.copyOf(said.list).size(), size -> size <= 1);
      assertThat(said.list).hasSize(1);
      broker.provision(topics.billing());
      bill(guessed("attempt:1", 2, 5L, Provenance.REPORTED));
      awaitTotal(ledger, sum(1, 5, 0, 0, 0));
    } finally {
      logger.detachAppender(said);
    }
  }

  private LedgerView ledger() {
    return LedgerView.start(
        "ledger",
        KafkaConnection.to(broker.bootstrap()),
        broker.admin(),
        topics.billing(),
        directory);
  }

  private static Report report(LedgerView ledger, By by) {
    return ledger.report(by, null).orElseThrow();
  }

  private static Map<String, Sum> rows(LedgerView ledger, By by) {
    return report(ledger, by).rows();
  }

  private static void awaitEvents(LedgerView ledger, long events) {
    Awaitility.await()
        .until(
            () -> ledger.report(By.TENANT, null).map(report -> report.total().events()).orElse(0L),
            count -> count == events);
  }

  private static void awaitTotal(LedgerView ledger, Sum total) {
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(ledger.report(By.TENANT, null).map(Report::total)).contains(total));
  }

  private static Sum sum(long events, long spent, long avoided, long estimated, long unknown) {
    return new Sum(
        events,
        BigInteger.valueOf(spent),
        BigInteger.valueOf(avoided),
        BigInteger.valueOf(estimated),
        unknown);
  }

  private void bill(CostEvent event) {
    var topic = topics.billing();
    byte[] value = topic.values().serializer().serialize(topic.name(), event);
    var _ = producer.send(new ProducerRecord<>(topic.name(), event.getEventId(), value));
  }

  private static CostEvent guessed(String id, int revision, long spent, Provenance provenance) {
    return builder(id, revision)
        .setTenant("acme")
        .setLane(Lane.STANDARD)
        .setModel("small")
        .setCause(Cause.PROVIDER)
        .setProvenance(provenance)
        .setSpentPicoUsd(spent)
        .setAvoidedPicoUsd(0L)
        .build();
  }

  private static CostEvent event(
      String id,
      int revision,
      String tenant,
      Lane lane,
      String model,
      Cause cause,
      @Nullable Long spent,
      @Nullable Long avoided) {
    return builder(id, revision)
        .setTenant(tenant)
        .setLane(lane)
        .setModel(model)
        .setCause(cause)
        .setProvenance(Provenance.REPORTED)
        .setSpentPicoUsd(spent)
        .setAvoidedPicoUsd(avoided)
        .build();
  }

  private static CostEvent.Builder builder(String id, int revision) {
    return CostEvent.newBuilder()
        .setEventId(id)
        .setRevision(revision)
        .setAt(Instant.EPOCH)
        .setRequestId("request")
        .setRequestedModel("auto")
        .setProvider("simulator");
  }
}
