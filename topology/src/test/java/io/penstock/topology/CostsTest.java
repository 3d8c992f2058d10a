package io.penstock.topology;

import static io.penstock.topology.Requesting.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.schemas.Answers;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.Provenance;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What attempts cost, from what workers report to the ledger. */
class CostsTest {
  private final TestingTopology topology = new TestingTopology();

  @AfterEach
  void close() {
    topology.close();
  }

  @Test
  void aTierThatTheResponseDoesNotNameIsTheOneAskedForAndSavesNoMoreThanItCost() {
    topology.ask(aRequest("hello").build());
    Dispatch dispatch = topology.dispatches().getFirst();
    Attempt attempt = Attempt.newBuilder(topology.start(dispatch)).setServiceTier("flex").build();

    topology.answer(dispatch, attempt, "hi");
    topology.ask(aRequest("hello").build());

    List<CostEvent> costs = topology.costs();
    assertThat(costs).extracting(CostEvent::getCause).containsExactly(Cause.PROVIDER, Cause.EXACT);
    assertThat(costs).extracting(CostEvent::getServiceTier).containsOnly("flex");
    assertThat(costs.getFirst().getSpentPicoUsd()).as("half of 70").isEqualTo(35);
    assertThat(costs.getLast().getAvoidedPicoUsd()).isEqualTo(35);
  }

  @Test
  void aStreamThatWasCutTeachesNothingOfHowLongAnswersAre() {
    topology.ask(aRequest("hello").build());
    Dispatch first = topology.dispatches().getFirst();
    topology.report(first.getFingerprint(), cut(topology.start(first)));
    topology.ask(aRequest("another").build());
    Dispatch second = topology.dispatches().getFirst();
    topology.fail(second, topology.start(second), Reason.PROVIDER_TIMEOUT.because("too slow"));

    List<CostEvent> costs = topology.costs();
    assertThat(costs)
        .extracting(CostEvent::getProvenance)
        .containsExactly(Provenance.REPORTED_PARTIAL, Provenance.ESTIMATED);
    assertThat(costs.getLast().getUsage().getOutput()).as("as before any answer").isEqualTo(256);
  }

  private AttemptEnded cut(Attempt attempt) {
    return AttemptEnded.newBuilder()
        .setAttempt(attempt)
        .setEndedAt(topology.now())
        .setOutcome(Answers.text("h", "stop"))
        .setUsage(Tokens.plain(10, 1).toUsage())
        .setCounted(Tokens.plain(10, 1).toUsage())
        .setUsageNotes(List.of("partial"))
        .build();
  }
}
