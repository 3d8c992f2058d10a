package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.budget.Budget;
import io.penstock.policies.budget.Budgets;
import io.penstock.policies.budget.Period;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.BudgetState;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How budgets stand, over HTTP. */
@ExtendWith(Penstock.Extension.class)
class BudgetsHttpTest {
  private static final Budget OURS = Budget.hard("ours", Period.DAY, Money.parse("2.50"));
  private static final Budget OF_KEY = OURS.ofKey("ours-1a2b3c4d");
  private static final Budget THEIRS = Budget.soft("theirs", Period.TOTAL, Money.parse("0.1"));

  private static Penstock penstock;
  private static KafkaProducer<String, byte[]> producer;
  private static Http http;

  @BeforeAll
  static void start(Penstock shared) {
    penstock = shared;
    String name = Penstock.newName();
    http =
        shared.ingress(
            new IngressSettings(
                name,
                IngressSettings.LOOPBACK,
                0,
                shared.directory(name),
                IngressSettings.LONGEST_WAIT,
                IngressSettings.DELIVERY_TIMEOUT,
                ApiKeys.of(Map.of("our-key", "ours", "their-key", "theirs", "root", "*")),
                Bounds.usual(),
                Disconnect.DRAIN,
                IngressSettings.PULSE,
                new Budgets(List.of(OURS, OF_KEY, THEIRS), Budgets.ASSUMED_OUTPUT)),
            "x-api-key",
            "root");
    producer =
        new KafkaProducer<>(
            shared.kafka.producer("keeper", Duration.ZERO, Duration.ofSeconds(10)),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  @AfterAll
  static void stop() {
    producer.close();
  }

  @Test
  void aTenantSeesItsBudgetsAsTheyWereLastToldAndTheOperatorEverybodys() throws Exception {
    Instant endsAt = Objects.requireNonNull(Period.DAY.at(Instant.now()).endsAt());
    tell(OURS, endsAt, "0.40", "1.10");
    tell(OURS, endsAt, "0.75", "0.25");
    tell(THEIRS, null, "0.1000001", "0");

    Awaitility.await()
        .untilAsserted(() -> assertThat(budget("our-key", 0)).contains("\"spent_usd\":\"0.75\""));
    assertThat(budget("our-key", 0))
        .contains("\"tenant\":\"ours\",\"key\":null,\"period\":\"day\"")
        .contains("\"from\":\"" + endsAt.minus(1, ChronoUnit.DAYS) + "\"")
        .contains("\"to\":\"" + endsAt + "\",\"kind\":\"hard\"")
        .contains("\"limit_usd\":\"2.5\"")
        .contains("\"reserved_usd\":\"0.25\",\"remaining_usd\":\"1.75\",\"exceeded\":false");
    assertThat(budget("their-key", 0))
        .contains("\"tenant\":\"theirs\"")
        .contains("\"from\":null,\"to\":null,\"kind\":\"soft\"")
        .contains("\"remaining_usd\":\"0\",\"exceeded\":true");
    assertThat(http.get("/v1/budgets", "x-api-key", "root").json().get("budgets")).hasSize(3);
    assertThat(http.get("/v1/budgets?tenant=theirs", "x-api-key", "root").json().get("budgets"))
        .hasSize(1);

    var nosy = http.get("/v1/budgets?tenant=theirs", "x-api-key", "our-key");
    assertThat(nosy.status()).isEqualTo(400);
    assertThat(nosy.field()).isEqualTo("tenant");
  }

  @Test
  void aBudgetThatNobodyHasUsedIsThereWithAllItsMoney() {
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(budget("our-key", 1))
                .contains("\"key\":\"ours-1a2b3c4d\"")
                .contains("\"remaining_usd\":\"2.5\"")
                .contains("\"as_of\":null"));
  }

  @Test
  void whatWasSpentInAPeriodThatIsOverCountsNoMore() throws Exception {
    var yesterday = Budget.hard("early", Period.DAY, Money.parse("1"));
    tell(yesterday, Period.DAY.at(Instant.now().minus(1, ChronoUnit.DAYS)).endsAt(), "1", "0");

    Awaitility.await()
        .untilAsserted(() ->
            assertThat(http.get("/v1/budgets?tenant=early", "x-api-key", "root").body())
                .contains("\"spent_usd\":\"0\",\"reserved_usd\":\"0\",\"remaining_usd\":\"1\"")
                .contains("\"to\":\"" + Period.DAY.at(Instant.now()).endsAt() + "\""));
  }

  @Test
  void whatComesLateForAPeriodThatIsOverLeavesThePresentOneAsItStands() throws Exception {
    var late = Budget.hard("late", Period.DAY, Money.parse("1"));
    Instant endsAt = Objects.requireNonNull(Period.DAY.at(Instant.now()).endsAt());
    tell(late, endsAt, "0.3", "0");
    tell(late, endsAt.minus(1, ChronoUnit.DAYS), "1", "0");
    tell(late.ofKey("after"), endsAt, "0.7", "0");

    Awaitility.await()
        .untilAsserted(() ->
            assertThat(http.get("/v1/budgets?tenant=late", "x-api-key", "root").body())
                .contains("\"spent_usd\":\"0.7\"")
                .contains("\"spent_usd\":\"0.3\""));
  }

  private static String budget(String key, int index) {
    return String.valueOf(
        http.get("/v1/budgets", "x-api-key", key).json().path("budgets").path(index));
  }

  private static void tell(Budget budget, @Nullable Instant endsAt, String spent, String reserved)
      throws Exception {
    var topic = penstock.topics.budgets();
    var state =
        new BudgetState(
            budget.tenant(),
            budget.keyId(),
            budget.period().word(),
            budget.hard(),
            endsAt,
            budget.limit().pico(),
            Money.parse(spent).pico(),
            Money.parse(reserved).pico(),
            Instant.now());
    byte[] value = topic.values().serializer().serialize(topic.name(), state);
    producer.send(new ProducerRecord<>(topic.name(), budget.id(), value)).get();
  }
}
