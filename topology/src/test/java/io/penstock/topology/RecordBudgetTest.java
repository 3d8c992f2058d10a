package io.penstock.topology;

import static io.penstock.topology.Requesting.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Dispatch;
import io.penstock.topology.flow.StateStores;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a request may write (docs/decisions, 1). */
final class RecordBudgetTest {
  private static final List<String> DURABLE =
      List.of(
          StateStores.FLIGHTS,
          StateStores.FOLLOWERS,
          StateStores.ANSWERS,
          StateStores.ANSWERED,
          StateStores.CLAIMS,
          StateStores.SLICES,
          StateStores.RESERVATIONS,
          StateStores.ACCOUNTS);

  private final TestingTopology topology = new TestingTopology();

  @AfterEach
  void close() {
    topology.close();
  }

  @Test
  void aFreshCallWritesThreeInFlightUpdatesOneCacheUpdateAndLaterOneDeletion() {
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.answer(dispatch, topology.start(dispatch), "hi");
    assertThat(topology.changelog(StateStores.FLIGHTS)).hasSize(3);
    assertThat(topology.changelog(StateStores.ANSWERS)).hasSize(1);
    assertThat(topology.responses()).hasSize(1);
    assertThat(topology.costs()).hasSize(1);
    assertThat(topology.dispatches()).as("beyond the first").isEmpty();
    assertThat(topology.rekeyed()).isEmpty();
    assertThat(rest()).isEmpty();

    topology.pass(Duration.ofSeconds(6));
    assertThat(topology.changelog(StateStores.FLIGHTS))
        .hasSize(1)
        .allSatisfy(deletion -> assertThat(deletion.value()).isNull());
    assertThat(rest()).isEmpty();
  }

  @Test
  void aRequestWithAnIdempotencyKeyWritesItsClaimItsHopAndItsRememberedResponseMore() {
    topology.ask(aRequest("hello").withIdempotencyKey("K").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.answer(dispatch, topology.start(dispatch), "hi");
    assertThat(topology.rekeyed()).hasSize(1);
    assertThat(topology.changelog(StateStores.CLAIMS)).hasSize(1);
    assertThat(topology.changelog(StateStores.ANSWERED)).hasSize(1);
    assertThat(topology.changelog(StateStores.FLIGHTS)).hasSize(3);
    assertThat(topology.changelog(StateStores.ANSWERS)).hasSize(1);
    assertThat(topology.responses()).hasSize(1);
    assertThat(topology.costs()).hasSize(1);
    assertThat(rest()).isEmpty();
  }

  @Test
  void anExactHitWritesAResponseAndACostEventAndChangesNoState() {
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.answer(dispatch, topology.start(dispatch), "hi");
    topology.pass(Duration.ofSeconds(6));
    rest();
    topology.responses();
    topology.costs();

    topology.ask(aRequest("hello").build());
    assertThat(topology.responses()).hasSize(1);
    assertThat(topology.costs()).hasSize(1);
    assertThat(rest()).isEmpty();
  }

  @Test
  void aFollowerWritesOneInFlightUpdateAndLaterOneDeletion() {
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    rest();
    topology.ask(aRequest("hello").build());
    assertThat(rest()).hasSize(1);
    topology.answer(dispatch, topology.start(dispatch), "hi");
    rest();
    topology.pass(Duration.ofSeconds(6));
    assertThat(topology.changelog(StateStores.FOLLOWERS)).hasSize(1);
  }

  @Test
  void withoutBudgetsNothingIsAskedOrToldAboutThem() {
    topology.ask(aRequest("hello").payingWith("k1").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.answer(dispatch, topology.start(dispatch), "hi");
    topology.pass(Duration.ofSeconds(10));

    assertThat(topology.questions()).isEmpty();
    assertThat(topology.grants()).isEmpty();
    assertThat(topology.budgets()).isEmpty();
    assertThat(topology.entries(StateStores.NOTES)).isZero();
  }

  private List<TestRecord<String, byte[]>> rest() {
    return DURABLE.stream().flatMap(store -> topology.changelog(store).stream()).toList();
  }
}
