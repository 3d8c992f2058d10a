package io.penstock.infra.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.embedded.registry.MemoryRegistry;
import io.penstock.embedded.registry.RegistryFacade;
import io.penstock.embedded.testing.TestingBroker;
import io.penstock.policies.cost.Repricing;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.avro.Usage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pricing a billing log on a real broker again, by the command itself. */
final class RepriceCommandTest {
  private static final int PARTITIONS = 2;
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final int KNOWN = 1_000_000;
  private static int logs;
  private static TestingBroker broker;
  private static MemoryRegistry registry;
  private static RegistryFacade schemas;
  private static KafkaProducer<String, byte[]> producer;

  @TempDir Path directory;
  private String prefix = "";
  private Topics topics = new Topics("", PARTITIONS, new MemoryRegistry());

  @BeforeAll
  static void start() {
    broker = TestingBroker.start();
    registry = new MemoryRegistry();
    schemas = RegistryFacade.start(registry, 0);
    producer =
        new KafkaProducer<>(
            broker.connection().producer("settle", Duration.ZERO, Duration.ofSeconds(10)),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  @AfterAll
  static void stop() {
    producer.close();
    schemas.close();
    registry.close();
    broker.close();
  }

  @BeforeEach
  void aLogOfItsOwn() {
    prefix = "reprice-" + ++logs + ".";
    topics = new Topics(prefix, PARTITIONS, registry);
    broker.provision(topics.billing());
  }

  @Test
  void withoutApplyNothingIsWritten() throws IOException {
    bill(spent("attempt:1", KNOWN, "small", 1_000_000_000L));
    bill(spent("attempt:2", KNOWN, "odd", null));

    Ran ran = reprice("2026-11-24", "2", "small");

    assertThat(ran.exitCode()).as(ran.err()).isZero();
    assertThat(ran.out())
        .contains("nothing was written: say --apply to write 1 events again")
        .containsPattern("odd +1 +0 +0 +0 +1 +\\$0\\.000 +\\$0\\.000 ")
        .containsPattern("small +1 +0 +1 +0 +0 +\\$0\\.001 +\\$0\\.002 ")
        .containsPattern("total +2 +0 +1 +0 +1 +\\$0\\.001 +\\$0\\.002 ");
    assertThat(log()).hasSize(2);
  }

  @Test
  void whatChangesIsWrittenOnceUnderTheNextRevisionHoweverOftenItIsSaid() throws IOException {
    bill(spent("attempt:1", KNOWN, "small", 1_000_000_000L));
    bill(spent("attempt:2", KNOWN, "small", 2_000_000_000L));
    bill(spent("attempt:3", KNOWN, "odd", null));
    bill(avoided("answer:4", "small", 1_000_000_000L));

    Ran first = reprice("2026-11-24", "2", "small", "odd");
    Ran applied = reprice("2026-11-24", "2", "small", "odd", "--apply");
    Map<String, CostEvent> then = highest();
    Ran again = reprice("2026-11-24", "2", "small", "odd", "--apply");

    assertThat(first.out()).contains("--apply to write 3 events again");
    assertThat(applied.out()).contains("3 events were written again");
    assertThat(again.out()).contains("nothing to change");
    assertThat(log()).hasSize(4 + 3);
    assertThat(highest()).isEqualTo(then);
    assertThat(then.values()).extracting(Repricing::amount).containsOnly(2_000_000_000L);
    assertThat(of(then, "attempt:1").getRevision()).isEqualTo(KNOWN + 1);
    assertThat(of(then, "attempt:1").getRatesVersion()).startsWith("v9/p/small@");
    assertThat(of(then, "attempt:2").getRevision()).as("nothing to change").isEqualTo(KNOWN);
    assertThat(of(then, "answer:4").getSpentPicoUsd()).isZero();
  }

  @Test
  void onlyTheHighestRevisionOfAnEventIsPricedAgain() throws IOException {
    bill(spent("attempt:1", 1, "large", 7L));
    bill(spent("attempt:1", KNOWN, "small", 1_000_000_000L));
    bill(spent("attempt:1", 1, "large", 7L));

    Ran ran = reprice("2026-11-24", "2", "small", "large", "--apply");

    assertThat(ran.out()).doesNotContain("large").containsPattern("total +1 +0 +1 ");
    assertThat(log()).hasSize(4);
  }

  @Test
  void onlyCostsOfTheTimeThatIsMeantArePricedAgain() throws IOException {
    bill(at("attempt:1", NOON.minusMillis(1)));
    bill(at("attempt:2", NOON));
    bill(at("attempt:3", NOON.plusSeconds(60)));

    Ran ran =
        reprice(NOON.toString(), "2", "small", "--to", NOON.plusSeconds(60).toString(), "--apply");

    assertThat(ran.out()).contains("1 events were written again");
    assertThat(of(highest(), "attempt:2").getRevision()).isEqualTo(KNOWN + 1);
  }

  @Test
  void anEndThatIsHeardOfAfterwardsReplacesAnEstimateThatWasPricedAgain() throws IOException {
    CostEvent guess =
        CostEvent.newBuilder(spent("attempt:1", 1, "small", 1_000_000_000L))
            .setProvenance(Provenance.ORPHANED)
            .build();
    bill(guess);
    for (String price : List.of("2", "3", "4")) {
      assertThat(reprice("2026-11-24", price, "small", "--apply").exitCode()).isZero();
    }
    assertThat(of(highest(), "attempt:1").getSpentPicoUsd()).isEqualTo(4_000_000_000L);

    CostEvent known = spent("attempt:1", KNOWN, "small", 123L);
    bill(known);

    assertThat(of(highest(), "attempt:1")).isEqualTo(known);
  }

  @Test
  void whatIsNoEventIsCountedAndStopsNothing() throws Exception {
    producer.send(new ProducerRecord<>(topics.billing().name(), 0, "x", new byte[] {9})).get();
    bill(spent("attempt:1", KNOWN, "small", 1_000_000_000L));

    assertThat(reprice("2026-11-24", "2", "small").out())
        .contains("1 records are no events", "--apply to write 1 events");
  }

  @Test
  void anEmptyLogHasNothingToChange() throws IOException {
    assertThat(reprice("2026-11-24", "2", "small", "--apply").out()).contains("nothing to change");
  }

  @Test
  void aMistakeIsOneLineWithItsRemedy() throws IOException {
    assertThat(reprice("tomorrow", "2", "small").err())
        .startsWith("penstock: --from is \"tomorrow\": give an instant")
        .hasLineCount(1);
    assertThat(reprice("2026-11-24", "2", "small", "--to", "2026-11-24").err())
        .startsWith("penstock: --to is not after --from")
        .hasLineCount(1);
    assertThat(reprice("2026-11-24", "cheap", "small").err())
        .startsWith("penstock: --prices: ")
        .contains("row 1 (p/small)", "\"input\"", "cheap")
        .hasLineCount(1);
    assertThat(run("costs", "reprice", "--from", "2026-11-24", "--prices", "/nowhere").err())
        .startsWith("penstock: --prices: cannot read /nowhere")
        .hasLineCount(1);
  }

  private record Ran(int exitCode, String out, String err) {}

  /** Prices again at so many dollars per million tokens for some models; flags go last. */
  private Ran reprice(String from, String usd, String... modelsAndFlags) throws IOException {
    var rows = new ArrayList<String>();
    var flags = new ArrayList<String>();
    for (String word : modelsAndFlags) {
      if (word.startsWith("--") || !flags.isEmpty()) {
        flags.add(word);
      } else {
        rows.add(
            """
            {"provider": "p", "model": "%s", "effective_from": "2026-01-01T00:00:00Z",
             "usd_per_mtok": {"input": "%s", "output": "0"}}
            """
                .formatted(word, usd));
      }
    }
    Path prices =
        Files.writeString(
            directory.resolve("prices.json"),
            "{\"version\": \"v9\", \"rows\": [" + String.join(",", rows) + "]}");
    var arguments =
        new ArrayList<>(List.of("costs", "reprice", "--from", from, "--prices", prices.toString()));
    arguments.addAll(List.of("--kafka", broker.bootstrap(), "--topic-prefix", prefix));
    arguments.addAll(List.of("--registry", "http://127.0.0.1:" + schemas.port()));
    arguments.addAll(flags);
    return run(arguments.toArray(String[]::new));
  }

  private static Ran run(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int exitCode =
        Penstock.commandLine(Map.of())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Ran(exitCode, out.toString(), err.toString());
  }

  private void bill(CostEvent event) {
    var topic = topics.billing();
    byte[] value = topic.values().serializer().serialize(topic.name(), event);
    var _ = producer.send(new ProducerRecord<>(topic.name(), event.getEventId(), value));
    producer.flush();
  }

  private List<CostEvent> log() {
    var topic = topics.billing();
    var events = new ArrayList<CostEvent>();
    try (var consumer =
        new KafkaConsumer<>(
            broker.connection().consumer("test"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          List.of(new TopicPartition(topic.name(), 0), new TopicPartition(topic.name(), 1));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          events.add(topic.values().deserializer().deserialize(topic.name(), record.value()));
        }
      }
    }
    return events;
  }

  private static CostEvent of(Map<String, CostEvent> events, String id) {
    return Objects.requireNonNull(events.get(id), id);
  }

  private Map<String, CostEvent> highest() {
    var highest = new HashMap<String, CostEvent>();
    log()
        .forEach(event ->
            highest.merge(
                event.getEventId(),
                event,
                (old, next) -> next.getRevision() > old.getRevision() ? next : old));
    return highest;
  }

  private static CostEvent spent(String id, int revision, String model, @Nullable Long spent) {
    return event(id, revision, model).setCause(Cause.PROVIDER).setSpentPicoUsd(spent).build();
  }

  private static CostEvent at(String id, Instant at) {
    return CostEvent.newBuilder(spent(id, KNOWN, "small", 1L)).setAt(at).build();
  }

  private static CostEvent avoided(String id, String model, long avoided) {
    return event(id, KNOWN, model)
        .setCause(Cause.EXACT)
        .setSpentPicoUsd(0L)
        .setAvoidedPicoUsd(avoided)
        .build();
  }

  /** A thousand tokens. */
  private static CostEvent.Builder event(String id, int revision, String model) {
    return CostEvent.newBuilder()
        .setEventId(id)
        .setRevision(revision)
        .setAt(NOON)
        .setTenant("acme")
        .setLane(Lane.STANDARD)
        .setRequestId("r")
        .setRequestedModel("auto")
        .setModel(model)
        .setProvider("p")
        .setProvenance(Provenance.REPORTED)
        .setUsage(new Usage(1_000L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L))
        .setAvoidedPicoUsd(0L);
  }
}
