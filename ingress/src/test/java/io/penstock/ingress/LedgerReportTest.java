package io.penstock.ingress;

import static io.penstock.ingress.BillingLogs.awaitEvents;
import static io.penstock.ingress.BillingLogs.awaitTotal;
import static io.penstock.ingress.BillingLogs.event;
import static io.penstock.ingress.BillingLogs.guessed;
import static io.penstock.ingress.BillingLogs.report;
import static io.penstock.ingress.BillingLogs.rows;
import static io.penstock.ingress.BillingLogs.sum;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingress.ledger.By;
import io.penstock.ingress.ledger.LedgerView;
import io.penstock.ingress.ledger.Query;
import io.penstock.ingress.ledger.Sum;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.avro.Usage;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;

/** What the ledger tells: its breakdowns, times and totals, on a log of any history. */
class LedgerReportTest {
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
  void whatIsNotNamedIsCountedAsUsual() {
    try (var ledger = ledger()) {
      bill(guessed("attempt:1", 2, 1L, Provenance.REPORTED));
      bill(
          CostEvent.newBuilder(guessed("attempt:2", 2, 2L, Provenance.REPORTED))
              .setKeyId("web")
              .setServiceTier("flex")
              .build());
      awaitEvents(ledger, 2);
      assertThat(rows(ledger, By.KEY)).containsOnlyKeys("", "web");
      assertThat(rows(ledger, By.TIER)).containsOnlyKeys("default", "flex");
      assertThat(rows(ledger, By.PROVIDER)).containsOnlyKeys("simulator");
      assertThat(rows(ledger, By.PROVENANCE)).containsOnlyKeys("reported");
      assertThat(rows(ledger, By.DAY)).containsOnlyKeys("1970-01-01");
    }
  }

  @Test
  void daysAreThoseOfTheCostInUtcAndTheLastOneIsNotMeant() {
    try (var ledger = ledger()) {
      bill(at("attempt:1", "2026-11-23T23:59:59.999Z", 1L));
      bill(at("attempt:2", "2026-11-24T00:00:00Z", 20L));
      bill(at("attempt:3", "2026-11-24T23:59:59.999Z", 300L));
      bill(at("attempt:4", "2026-11-25T00:00:00Z", 4_000L));
      awaitEvents(ledger, 4);
      assertThat(rows(ledger, By.DAY)).containsOnlyKeys("2026-11-23", "2026-11-24", "2026-11-25");
      assertThat(spent(ledger, "2026-11-24", "2026-11-25")).isEqualTo(320);
      assertThat(spent(ledger, "2026-11-24", null)).isEqualTo(4_320);
      assertThat(spent(ledger, null, "2026-11-24")).isEqualTo(1);
      assertThat(spent(ledger, "2026-11-26", null)).isZero();
    }
  }

  @Test
  void whatAnEarlierReleaseWroteIsMadeAnewFromTheLog() throws Exception {
    bill(guessed("attempt:1", 2, 5L, Provenance.REPORTED));
    bill(guessed("attempt:2", 2, 7L, Provenance.REPORTED));
    logs.producer().flush();
    Uuid id = logs.topicId(topics);
    // As if the whole log had been read, into sums that nobody can read any more.
    var progress = ByteBuffer.allocate(16 + 2 * 12);
    progress.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    progress.putLong(1_000).putInt(0).putLong(1_000).putInt(0);
    try (var options = new Options().setCreateIfMissing(true);
        var old = RocksDB.open(options, directory.toString())) {
      old.put(new byte[] {0}, progress.array());
      old.put(new byte[] {2, 'x'}, new byte[] {'y'});
    }
    try (var ledger = ledger()) {
      awaitTotal(ledger, sum(2, 12, 0, 0, 0));
    }
  }

  @Test
  void whateverIsRepeatedAndRevisedThePartsAddUpToTheTotalAndSpentAndAvoidedToTheBaseline() {
    var random = new Random(7);
    var highest = new HashMap<String, CostEvent>();
    for (int i = 0; i < 3_000; i++) {
      String id = "attempt:" + random.nextInt(200);
      int revision = 1 + random.nextInt(5);
      var event = said(id, revision);
      bill(event);
      highest.merge(id, event, (a, b) -> a.getRevision() >= b.getRevision() ? a : b);
    }
    Sum expected =
        highest.values().stream().map(LedgerReportTest::alone).reduce(LedgerReportTest::plus).get();
    logs.producer().flush();
    try (var ledger = ledger()) {
      awaitTotal(ledger, expected);
      for (By by : By.values()) {
        var report = report(ledger, by);
        assertThat(report.total()).isEqualTo(expected);
        assertThat(report.rows().values().stream().reduce(LedgerReportTest::plus))
            .contains(expected);
        assertThat(report.rows().values().stream().map(Sum::baseline).reduce(BigInteger::add))
            .contains(expected.spent().add(expected.avoided()));
        assertThat(report.avoidedByCause().values().stream().reduce(BigInteger::add))
            .contains(expected.avoided());
      }
      var until = new Query(By.MODEL, null, null, LocalDate.EPOCH.plusDays(2));
      var since = new Query(By.MODEL, null, LocalDate.EPOCH.plusDays(2), null);
      assertThat(
              plus(
                  ledger.report(until).orElseThrow().total(),
                  ledger.report(since).orElseThrow().total()))
          .isEqualTo(expected);
    }
  }

  /** One revision of an id always says the same. */
  private static CostEvent said(String id, int revision) {
    var said = new Random(id.hashCode() * 31L + revision);
    return CostEvent.newBuilder(
            event(
                id,
                revision,
                "tenant-" + said.nextInt(3),
                List.of(Lane.values()).get(said.nextInt(3)),
                "model-" + said.nextInt(2),
                List.of(Cause.values()).get(said.nextInt(4)),
                said.nextInt(10) == 0 ? null : (long) said.nextInt(1_000_000),
                said.nextInt(10) == 0 ? null : (long) said.nextInt(1_000_000)))
        .setProvenance(List.of(Provenance.values()).get(said.nextInt(5)))
        .setProvider("provider-" + said.nextInt(2))
        .setKeyId(said.nextBoolean() ? null : "key-" + said.nextInt(2))
        .setServiceTier(List.of("default", "standard", "flex", "batch").get(said.nextInt(4)))
        .setAt(Instant.EPOCH.plus(Duration.ofHours(said.nextInt(100))))
        .setUsage(
            new Usage(
                (long) said.nextInt(9), 1L, 2L, 3L, (long) said.nextInt(9), 0L, 0L, 0L, 0L, 0L))
        .build();
  }

  private static Sum alone(CostEvent event) {
    Long spent = event.getSpentPicoUsd();
    Long avoided = event.getAvoidedPicoUsd();
    boolean unknown = spent == null || avoided == null;
    boolean guessed =
        switch (event.getProvenance()) {
          case ORPHANED, ESTIMATED, REPORTED_PARTIAL -> true;
          case REPORTED, UNBILLED -> false;
        };
    BigInteger cost = BigInteger.valueOf(spent == null ? 0 : spent);
    BigInteger tokens =
        BigInteger.valueOf(event.getUsage().getUncachedInput() + 6 + event.getUsage().getOutput());
    return new Sum(
        1,
        cost,
        BigInteger.valueOf(avoided == null ? 0 : avoided),
        guessed ? cost : BigInteger.ZERO,
        event.getProvenance() == Provenance.ORPHANED ? cost : BigInteger.ZERO,
        tokens,
        BigInteger.ONE,
        unknown ? 1 : 0,
        unknown ? tokens : BigInteger.ZERO);
  }

  private static Sum plus(Sum one, Sum other) {
    return new Sum(
        one.events() + other.events(),
        one.spent().add(other.spent()),
        one.avoided().add(other.avoided()),
        one.estimated().add(other.estimated()),
        one.orphaned().add(other.orphaned()),
        one.tokens().add(other.tokens()),
        one.cachedTokens().add(other.cachedTokens()),
        one.unknown() + other.unknown(),
        one.unknownTokens().add(other.unknownTokens()));
  }

  private static CostEvent at(String id, String at, long spent) {
    return CostEvent.newBuilder(guessed(id, 2, spent, Provenance.REPORTED))
        .setAt(Instant.parse(at))
        .build();
  }

  private static long spent(LedgerView ledger, @Nullable String from, @Nullable String to) {
    var query =
        new Query(
            By.TENANT,
            null,
            from == null ? null : LocalDate.parse(from),
            to == null ? null : LocalDate.parse(to));
    return ledger.report(query).orElseThrow().total().spent().longValueExact();
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
