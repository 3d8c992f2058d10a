package io.penstock.embedded.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.embedded.broker.EmbeddedBroker;
import io.penstock.embedded.testing.ChildProcess;
import io.penstock.embedded.testing.TestingBroker;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.registry.RegistryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedRegistryTest {
  private static TestingBroker broker;

  @BeforeAll
  static void start() {
    broker = TestingBroker.start();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static EmbeddedRegistry open(String prefix) {
    return EmbeddedRegistry.open(broker.connection(), prefix);
  }

  private static Optional<Compatibility> ownRule(LocalRegistry registry, String subject) {
    return registry.read(s -> s.ownRule(subject));
  }

  private static List<Integer> versions(LocalRegistry registry, String subject) {
    return registry.read(s -> s.versions(subject).stream().map(Entry.Registered::id).toList());
  }

  @Test
  void idsVersionsAndRulesAreTheSameAfterARestart() {
    int first;
    int second;
    try (var registry = open("restart.")) {
      first = registry.register("orders-value", Versions.first());
      second = registry.register("orders-value", Versions.grown());
      registry.commit(new Entry.Ruled("free-value", Compatibility.NONE));
      registry.commit(new Entry.Ruled("bound-value", Compatibility.NONE));
      registry.commit(new Entry.Unruled("bound-value"));
      registry.commit(new Entry.RuledAll(Compatibility.FULL));
    }
    try (var registry = open("restart.")) {
      assertThat(registry.register("orders-value", Versions.grown())).isEqualTo(second);
      assertThat(registry.register("archive-value", Versions.first())).isEqualTo(first);
      assertThat(registry.byId(second)).isEqualTo(Versions.grown());
      assertThat(registry.register("orders-value", Versions.first())).isEqualTo(first);
      assertThat(ownRule(registry, "free-value")).contains(Compatibility.NONE);
      assertThat(ownRule(registry, "bound-value")).isEmpty();
      assertThat(registry.read(RegistryState::ruleOfAll)).isEqualTo(Compatibility.FULL);
      assertThat(registry.register("new-value", Versions.other())).isGreaterThan(second);
    }
  }

  @Test
  void anIdThatWasHandedOutSurvivesTheKillOfItsBroker(@TempDir Path directory) throws Exception {
    var doomed = ChildProcess.broker(directory);
    int id;
    try (var registry = EmbeddedRegistry.open(KafkaConnection.to(doomed.told()), "kill.")) {
      id = registry.register("orders-value", Versions.first());
      doomed.close();
    }
    try (var again = EmbeddedBroker.start(directory, 0);
        var registry = EmbeddedRegistry.open(KafkaConnection.to(again.bootstrap()), "kill.")) {
      assertThat(registry.byId(id)).isEqualTo(Versions.first());
      assertThat(registry.register("orders-value", Versions.grown())).isNotEqualTo(id);
    }
  }

  @Test
  void twoRegistriesOnOneLogNeverGiveOneIdToTwoSchemas() {
    try (var here = open("two.");
        var there = open("two.")) {
      int first = here.register("orders-value", Versions.first());
      int other = there.register("others-value", Versions.other());
      int grown = here.register("orders-value", Versions.grown());
      assertThat(there.register("orders-value", Versions.first())).isEqualTo(first);
      assertThat(there.register("orders-value", Versions.grown())).isEqualTo(grown);
      assertThat(here.byId(other)).isEqualTo(Versions.other());
      assertThat(Set.of(first, other, grown)).hasSize(3);
      assertThat(versions(here, "orders-value")).containsExactly(first, grown);
      assertThat(versions(there, "orders-value")).containsExactly(first, grown);
    }
  }

  @Test
  void withoutItsBrokerItIsUnavailableAndSaysWhere() {
    var doomed = TestingBroker.start();
    try (var registry = EmbeddedRegistry.open(doomed.connection(), "doomed.")) {
      int known = registry.register("orders-value", Versions.first());
      doomed.close();
      assertThatThrownBy(() -> registry.register("orders-value", Versions.grown()))
          .isInstanceOf(RegistryException.Unavailable.class)
          .hasMessageContaining(doomed.bootstrap());
      assertThat(registry.byId(known)).isEqualTo(Versions.first());
    }
  }
}
