package io.penstock.embedded.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.registry.RegistryException;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryRegistryTest {
  private final MemoryRegistry registry = new MemoryRegistry();

  private List<Entry.Registered> versions(String subject) {
    return registry.read(s -> s.versions(subject));
  }

  @Test
  void aSchemaHasOneIdWhateverTheSubjectAndHoweverOftenItComes() {
    int id = registry.register("orders-value", Versions.first());
    assertThat(registry.register("orders-value", Versions.first())).isEqualTo(id);
    assertThat(registry.register("archive-value", Versions.first())).isEqualTo(id);
    assertThat(registry.byId(id)).isEqualTo(Versions.first());
  }

  @Test
  void anotherSchemaHasAnotherIdAndTheNextVersion() {
    var first = registry.versionOf("orders-value", Versions.first());
    var second = registry.versionOf("orders-value", Versions.grown());
    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(second.version()).isEqualTo(2);
  }

  @Test
  void aSchemaThatCannotReadTheLastVersionIsRefusedAndLeavesNoTrace() {
    registry.register("orders-value", Versions.first());
    assertThatThrownBy(() -> registry.register("orders-value", Versions.broken()))
        .isInstanceOf(RegistryException.Incompatible.class)
        .hasMessageContaining("orders-value")
        .hasMessageContaining("count");
    assertThat(versions("orders-value")).hasSize(1);
  }

  @Test
  void theRuleOfASubjectGoesBeforeTheRuleOfAll() {
    registry.register("orders-value", Versions.first());
    registry.register("free-value", Versions.first());
    registry.commit(new Entry.Ruled("free-value", Compatibility.NONE));
    registry.register("free-value", Versions.broken());
    assertThatThrownBy(() -> registry.register("orders-value", Versions.broken()))
        .isInstanceOf(RegistryException.Incompatible.class);

    registry.commit(new Entry.RuledAll(Compatibility.NONE));
    registry.register("orders-value", Versions.broken());
    assertThat(versions("orders-value")).hasSize(2);
  }

  @Test
  void aForwardRuleAsksWhetherOldReadersCanReadTheNewData() {
    registry.commit(new Entry.RuledAll(Compatibility.FORWARD));
    registry.register("orders-value", Versions.first());
    registry.register("orders-value", Versions.broken()); // old readers skip the new field
    assertThatThrownBy(() -> registry.register("orders-value", Versions.other()))
        .isInstanceOf(RegistryException.Incompatible.class);
  }

  @Test
  void aTransitiveRuleAsksAboutEveryVersionAndAPlainOneAboutTheLast() {
    registry.commit(new Entry.Ruled("free-value", Compatibility.NONE));
    registry.register("free-value", Versions.first());
    registry.register("free-value", Versions.other());

    registry.commit(new Entry.Ruled("free-value", Compatibility.BACKWARD_TRANSITIVE));
    assertThatThrownBy(() -> registry.register("free-value", Versions.otherGrown()))
        .isInstanceOf(RegistryException.Incompatible.class);

    registry.commit(new Entry.Ruled("free-value", Compatibility.BACKWARD));
    registry.register("free-value", Versions.otherGrown());
  }

  @Test
  void anUnknownIdIsNotFound() {
    assertThatThrownBy(() -> registry.byId(99))
        .isInstanceOf(RegistryException.NotFound.class)
        .hasMessageContaining("99");
  }
}
