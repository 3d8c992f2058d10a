package io.penstock.infra.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Money;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.BudgetState;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Provenance;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;

/** What must be true when more was asked for than a budget has money for. */
record Spree(Money limit, KafkaConnection kafka, Topics topics, Supplier<SimulatorStats> provider) {
  private static final String GROUP = "penstock-topology";
  private static final Set<Integer> ANSWERED_OR_REFUSED = Set.of(200, 402, 429);

  /** Writes the configuration file of an engine whose default tenant has a hard budget. */
  static Path budget(Path directory, Money limit) throws IOException {
    return Files.writeString(
        directory.resolve("penstock.yaml"),
        "budgets:\n  - tenant: default\n    limit-usd: " + limit.toUsd() + "\n    period: total\n");
  }

  /** Waits until so many topologies share the work. */
  static void awaitShared(KafkaConnection kafka, int topologies) {
    try (Admin admin = Admin.create(kafka.admin("spree"))) {
      await()
          .atMost(Duration.ofMinutes(4))
          .ignoreExceptions()
          .until(() -> {
            var described =
                admin.describeClassicGroups(List.of(GROUP)).describedGroups().get(GROUP);
            var members = Objects.requireNonNull(described).get().members();
            return members.size() == topologies
                && members.stream().noneMatch(m -> m.assignment().topicPartitions().isEmpty());
          });
    }
  }

  /** Everybody was answered or refused, most was spent, no more than there is, and all is told. */
  void holds(String what, List<Rush.End> ends) {
    try (var billing = new TopicLog<>(kafka, topics.billing());
        var states = new TopicLog<>(kafka, topics.budgets())) {
      await()
          .atMost(Duration.ofMinutes(1))
          .pollInterval(Duration.ofMillis(200))
          .untilAsserted(() -> {
            BudgetState state = states.all().getLast();
            assertThat(state.getReservedPicoUsd()).as("still set aside").isZero();
            assertThat(BigInteger.valueOf(state.getSpentPicoUsd())).isEqualTo(spent(billing));
          });
      SimulatorStats provider = provider().get();
      BigInteger spent = spent(billing);
      BigInteger overshoot = spent.subtract(BigInteger.valueOf(limit.pico())).max(BigInteger.ZERO);
      System.out.printf(
          "%s: %d requests against a budget of %s: %s; spent $%s (provider $%s and $%s"
              + " undelivered, %d calls), overshoot $%s, still set aside $0%n",
          what,
          ends.size(),
          limit,
          Rush.End.counted(ends),
          Money.toUsd(spent),
          Money.toUsd(provider.cost()),
          Money.toUsd(provider.undelivered()),
          provider.calls(),
          Money.toUsd(overshoot));
      assertThat(ends).extracting(Rush.End::status).isSubsetOf(ANSWERED_OR_REFUSED);
      assertThat(ends).extracting(Rush.End::status).as("more was asked than paid").contains(402);
      assertThat(overshoot).isZero();
      assertThat(provider.cost().add(provider.undelivered()))
          .as("what the provider charges")
          .isLessThanOrEqualTo(BigInteger.valueOf(limit.pico()));
      assertThat(provider.cost()).as("the ledger is the provider's").isEqualTo(spent);
      assertThat(spent.multiply(BigInteger.TEN))
          .as("most of it is used")
          .isGreaterThanOrEqualTo(BigInteger.valueOf(limit.pico()).multiply(BigInteger.valueOf(9)));
    }
  }

  private static BigInteger spent(TopicLog<CostEvent> billing) {
    return Books.of(billing.all()).spent(EnumSet.allOf(Provenance.class));
  }
}
