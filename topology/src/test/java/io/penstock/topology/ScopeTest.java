package io.penstock.topology;

import static io.penstock.topology.Requesting.aRequest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.penstock.policies.Reason;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.InferenceResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Request ids are the producers' own: two tenants, or two prompts, may well use the same. */
final class ScopeTest {
  private final TestingTopology topology = new TestingTopology();

  @AfterEach
  void close() {
    topology.close();
  }

  @Test
  void followersOfAnotherRequestOfTheSameIdHearNothing() {
    topology.ask(aRequest("hello").withId("1").forTenant("a").build());
    topology.ask(aRequest("hello").withId("2").forTenant("a").build());
    topology.ask(aRequest("a secret").withId("1").forTenant("b").build());
    topology.ask(aRequest("a secret").withId("3").forTenant("b").build());
    Dispatch dispatch = topology.dispatches().getFirst();

    topology.answer(dispatch, topology.start(dispatch), "for a");

    assertThat(topology.responses())
        .extracting(InferenceResponse::getTenant, InferenceResponse::getId)
        .containsExactlyInAnyOrder(tuple("a", "1"), tuple("a", "2"));
  }

  @Test
  void theFollowersOfAnotherRequestOfTheSameIdAreNotForgotten() {
    topology.ask(aRequest("hello").withId("1").forTenant("a").build());
    topology.ask(aRequest("a secret").withId("1").forTenant("b").build());
    topology.ask(aRequest("a secret").withId("3").forTenant("b").build());
    var dispatches = topology.dispatches();
    topology.answer(dispatches.get(0), topology.start(dispatches.get(0)), "for a");
    topology.pass(Duration.ofSeconds(10));
    topology.responses();

    topology.answer(dispatches.get(1), topology.start(dispatches.get(1)), "for b");

    assertThat(topology.responses())
        .extracting(InferenceResponse::getId)
        .containsExactlyInAnyOrder("1", "3");
  }

  @Test
  void anotherTenantsKeyedRequestOfTheSameIdIsNotThisOnesRepetition() {
    topology.ask(aRequest("hello").withId("1").forTenant("a").withIdempotencyKey("K").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.answer(dispatch, topology.start(dispatch), "for a");
    topology.responses();

    topology.ask(aRequest("mine").withId("1").forTenant("b").withIdempotencyKey("K").build());

    assertThat(topology.responses()).isEmpty();
    assertThat(topology.dispatches()).hasSize(1);
  }

  @Test
  void anotherKeyedRequestOfTheSameIdIsNotThisOnesRepetition() {
    topology.ask(aRequest("hello").withId("1").withIdempotencyKey("K").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    topology.answer(dispatch, topology.start(dispatch), "hi");
    topology.responses();

    topology.ask(aRequest("something else").withId("1").withIdempotencyKey("L").build());

    assertThat(topology.responses()).isEmpty();
    assertThat(topology.dispatches()).hasSize(1);
  }

  @Test
  void savingsOnRequestsOfTheSameIdAreDifferentEvents() {
    topology.ask(aRequest("hello").withId("1").forTenant("a").build());
    topology.ask(aRequest("hello").withId("2").forTenant("a").build());
    topology.ask(aRequest("hello").withId("1").forTenant("b").build());
    topology.ask(aRequest("hello").withId("2").forTenant("b").build());
    topology.ask(aRequest("something else").withId("1").forTenant("a").build());
    topology.ask(aRequest("something else").withId("2").forTenant("a").build());
    for (Dispatch dispatch : topology.dispatches()) {
      topology.answer(dispatch, topology.start(dispatch), "hi");
    }

    assertThat(topology.costs())
        .filteredOn(event -> event.getAvoidedPicoUsd() > 0)
        .hasSize(3)
        .allSatisfy(event -> assertThat(event.getRequestId()).isEqualTo("2"))
        .extracting(CostEvent::getEventId)
        .doesNotHaveDuplicates();
  }

  @Test
  void anIdThatWouldReadAsAPathIsRefused() {
    topology.ask(aRequest("hello").withId("1/2").build());

    assertThat(topology.responses().getFirst().getFailure().getCode())
        .isEqualTo(Reason.INVALID_VALUE.code());
  }
}
