package io.penstock.ingress;

import static io.penstock.ingress.BillingLogs.awaitEvents;
import static io.penstock.ingress.BillingLogs.awaitTotal;
import static io.penstock.ingress.BillingLogs.event;
import static io.penstock.ingress.BillingLogs.guessed;
import static io.penstock.ingress.BillingLogs.orphaned;
import static io.penstock.ingress.BillingLogs.report;
import static io.penstock.ingress.BillingLogs.rows;
import static io.penstock.ingress.BillingLogs.sum;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.penstock.ingress.ledger.By;
import io.penstock.ingress.ledger.LedgerView;
import io.penstock.ingress.ledger.Query;
import io.penstock.ingress.view.TopicView;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Provenance;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class LedgerTest {
  private static BillingLogs logs;

  @TempDir Path directory;
  private Topics topics = BillingLogs.NOWHERE;

  @BeforeAll
  static void startBroker() {
    logs = new BillingLogs();
  }

  @AfterAll
  static void stopBroker() {
    logs.close();
  }

  @BeforeEach
  void aLogOfItsOwn() {
    topics = logs.ofItsOwn();
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
      var ours = new Query(By.MODEL, "acme", null, null);
      assertThat(ledger.report(ours).orElseThrow().total()).isEqualTo(sum(2, 1_100, 0, 0, 0));
      assertThat(report(ledger, By.LANE).avoidedByCause())
          .isEqualTo(Map.of("exact", BigInteger.valueOf(70)));
      assertThat(report(ledger, By.LANE).total().baseline()).isEqualTo(BigInteger.valueOf(1_170));
    }
  }

  @Test
  void whatIsOnTheLogIsInTheNextReport() {
    try (var ledger = ledger()) {
      Awaitility.await().until(() -> ledger.report(Query.by(By.TENANT)).isPresent());
      for (int i = 1; i <= 3; i++) {
        bill(event("attempt:" + i, 2, "acme", Lane.EXPRESS, "small", Cause.PROVIDER, 1L, 0L));
        logs.producer().flush();
        assertThat(report(ledger, By.TENANT).total()).isEqualTo(sum(i, i, 0, 0, 0));
      }
    }
  }

  @Test
  void aRepeatedEventCountsOnceAndOnlyAHigherRevisionReplacesIt() {
    try (var ledger = ledger()) {
      bill(guessed("attempt:1", 1, 500L, Provenance.ORPHANED));
      awaitTotal(ledger, orphaned(500, sum(1, 500, 0, 500, 0)));
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
      awaitTotal(ledger, orphaned(4, sum(4, 234, 0, 34, 0)));
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
      awaitTotal(ledger, orphaned(10, sum(2, 15, 0, 10, 0)));
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
    BillingLogs.awaitClosed();
    Directories.damage(directory);
    try (var mended = ledger()) {
      awaitTotal(mended, expected);
    }
    BillingLogs.awaitClosed();
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
    logs.broker().admin().deleteTopics(List.of(topic)).all().get();
    Awaitility.await()
        .until(() -> !logs.broker().admin().listTopics().names().get().contains(topic));
    logs.broker().provision(topics.billing());
    bill(guessed("attempt:new", 2, 1L, Provenance.REPORTED));
    try (var again = ledger()) {
      awaitTotal(again, sum(1, 1, 0, 0, 0));
    }
  }

  @Test
  void anEventThatCannotBeReadStopsNobody() throws Exception {
    try (var ledger = ledger()) {
      logs.producer()
          .send(new ProducerRecord<>(topics.billing().name(), 0, "x", new byte[] {9}))
          .get();
      logs.producer().send(new ProducerRecord<>(topics.billing().name(), 0, "x", null)).get();
      bill(guessed("attempt:1", 2, 5L, Provenance.REPORTED));
      awaitTotal(ledger, sum(1, 5, 0, 0, 0));
    }
  }

  @Test
  void aTopicThatIsNotThereYetIsMissedOnceAndThenQuietly() throws Exception {
    topics = logs.notThereYet();
    var logger = (Logger) LoggerFactory.getLogger(TopicView.class);
    var said = new ListAppender<ILoggingEvent>();
    said.start();
    logger.addAppender(said);
    try (var ledger = ledger()) {
      Awaitility.await()
          .during(Duration.ofMillis(700))
          .until(() -> List.copyOf(said.list).size(), size -> size <= 1);
      Awaitility.await().until(() -> said.list.size() == 1);
      logs.broker().provision(topics.billing());
      bill(guessed("attempt:1", 2, 5L, Provenance.REPORTED));
      awaitTotal(ledger, sum(1, 5, 0, 0, 0));
    } finally {
      logger.detachAppender(said);
    }
  }

  @AfterEach
  void awaitClosed() {
    BillingLogs.awaitClosed();
  }

  private void bill(CostEvent event) {
    logs.bill(topics, event);
  }

  private LedgerView ledger() {
    return logs.ledger(topics, directory);
  }
}
