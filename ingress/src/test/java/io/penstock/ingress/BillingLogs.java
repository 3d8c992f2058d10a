package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.embedded.testing.TestingBroker;
import io.penstock.ingress.ledger.By;
import io.penstock.ingress.ledger.LedgerView;
import io.penstock.ingress.ledger.Query;
import io.penstock.ingress.ledger.Report;
import io.penstock.ingress.ledger.Sum;
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
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Billing topics on a broker, the events on them, and ledgers of them. */
final class BillingLogs implements AutoCloseable {
  private static final String NAME = "ledger";
  private static final Duration SOON = Duration.ofMinutes(1);

  static {
    Awaitility.setDefaultTimeout(SOON);
  }

  static final Topics NOWHERE = new Topics("", 2, new MemoryRegistry());

  private final TestingBroker broker = TestingBroker.start();
  private final KafkaProducer<String, byte[]> producer =
      new KafkaProducer<>(
          KafkaConnection.to(broker.bootstrap())
              .producer("settle", Duration.ZERO, Duration.ofSeconds(10)),
          new StringSerializer(),
          new ByteArraySerializer());
  private int logs;

  TestingBroker broker() {
    return broker;
  }

  KafkaProducer<String, byte[]> producer() {
    return producer;
  }

  Topics ofItsOwn() {
    Topics topics = notThereYet();
    broker.provision(topics.billing());
    return topics;
  }

  Topics notThereYet() {
    return new Topics("ledger-" + ++logs + ".", 2, new MemoryRegistry());
  }

  void bill(Topics topics, CostEvent event) {
    var topic = topics.billing();
    byte[] value = topic.values().serializer().serialize(topic.name(), event);
    var _ = producer.send(new ProducerRecord<>(topic.name(), event.getEventId(), value));
  }

  LedgerView ledger(Topics topics, Path directory) {
    awaitClosed();
    return LedgerView.start(
        NAME,
        KafkaConnection.to(broker.bootstrap()),
        broker.admin(),
        topics.billing(),
        directory,
        SOON);
  }

  /** Until then its directory is in use: closing waits only so long. */
  static void awaitClosed() {
    Awaitility.await()
        .until(() ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals(NAME)));
  }

  Uuid topicId(Topics topics) throws ExecutionException, InterruptedException {
    return broker
        .admin()
        .describeTopics(List.of(topics.billing().name()))
        .allTopicNames()
        .get()
        .values()
        .iterator()
        .next()
        .topicId();
  }

  @Override
  public void close() {
    producer.close();
    broker.close();
  }

  static Sum sum(long events, long spent, long avoided, long estimated, long unknown) {
    return new Sum(
        events,
        BigInteger.valueOf(spent),
        BigInteger.valueOf(avoided),
        BigInteger.valueOf(estimated),
        BigInteger.ZERO,
        BigInteger.ZERO,
        BigInteger.ZERO,
        unknown,
        BigInteger.ZERO);
  }

  static Sum orphaned(long orphaned, Sum sum) {
    return new Sum(
        sum.events(),
        sum.spent(),
        sum.avoided(),
        sum.estimated(),
        BigInteger.valueOf(orphaned),
        sum.tokens(),
        sum.cachedTokens(),
        sum.unknown(),
        sum.unknownTokens());
  }

  static CostEvent guessed(String id, int revision, long spent, Provenance provenance) {
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

  static CostEvent event(
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

  static CostEvent.Builder builder(String id, int revision) {
    return CostEvent.newBuilder()
        .setEventId(id)
        .setRevision(revision)
        .setAt(Instant.EPOCH)
        .setRequestId("request")
        .setRequestedModel("auto")
        .setProvider("simulator");
  }

  static Report report(LedgerView ledger, By by) {
    return ledger.report(Query.by(by)).orElseThrow();
  }

  static Map<String, Sum> rows(LedgerView ledger, By by) {
    return report(ledger, by).rows();
  }

  static void awaitEvents(LedgerView ledger, long events) {
    Awaitility.await()
        .until(
            () ->
                ledger
                    .report(Query.by(By.TENANT))
                    .map(report -> report.total().events())
                    .orElse(0L),
            count -> count == events);
  }

  static void awaitTotal(LedgerView ledger, Sum total) {
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(ledger.report(Query.by(By.TENANT)).map(Report::total)).contains(total));
  }
}
