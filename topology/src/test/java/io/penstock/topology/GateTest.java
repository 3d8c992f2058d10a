package io.penstock.topology;

import static io.penstock.topology.Requesting.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the flow makes of what the gate lets in. */
final class GateTest {
  private static final Duration FORGOTTEN = Duration.ofSeconds(10);

  private final TestingTopology topology = new TestingTopology();

  @AfterEach
  void close() {
    topology.close();
  }

  @Test
  void whatIsLetInAgainIsNotCalledAgainThoughItWasAnsweredAndForgotten() {
    InferenceRequest request = aRequest("hello").withoutCache().build();
    topology.letIn(7, request);
    answer();
    topology.pass(FORGOTTEN);
    topology.responses();
    topology.costs();

    topology.letIn(7, request);
    assertThat(topology.dispatches(Lane.BATCH)).isEmpty();
    assertThat(topology.responses()).isEmpty();
    assertThat(topology.costs()).isEmpty();
  }

  @Test
  void whatIsLetInAgainIsNoCacheHit() {
    InferenceRequest request = aRequest("hello").build();
    topology.letIn(7, request);
    answer();
    topology.pass(FORGOTTEN);
    topology.responses();
    topology.costs();

    topology.letIn(7, request);
    assertThat(topology.responses()).isEmpty();
    assertThat(topology.costs()).as("avoided").isEmpty();
  }

  @Test
  void ofTwoPumpsAtOnceEachRequestIsTakenOnceAndNoneIsLost() {
    InferenceRequest[] requests = new InferenceRequest[6];
    for (int i = 0; i < requests.length; i++) {
      requests[i] = aRequest("question " + i).build();
    }
    for (int offset : new int[] {0, 1, 2, 1, 2, 3, 3, 4, 0, 5, 4}) {
      topology.letIn(offset, requests[offset]);
    }
    assertThat(topology.dispatches(Lane.BATCH))
        .extracting(dispatch -> dispatch.getRequests().getFirst().getId())
        .containsExactly(
            requests[0].getId(),
            requests[1].getId(),
            requests[2].getId(),
            requests[3].getId(),
            requests[4].getId(),
            requests[5].getId());
  }

  @Test
  void offsetsThatTheLaneLeavesOutAreNotMissed() {
    topology.letIn(3, aRequest("one").build());
    topology.letIn(90, aRequest("two").build());
    assertThat(topology.dispatches(Lane.BATCH)).hasSize(2);
  }

  @Test
  void whatSomebodyElseWroteThereIsTakenAsItIs() {
    InferenceRequest request = aRequest("hello").build();
    topology.ask(Lane.BATCH, request);
    assertThat(topology.dispatches(Lane.BATCH)).hasSize(1);
  }

  private void answer() {
    Dispatch dispatch = topology.dispatches(Lane.BATCH).getFirst();
    topology.answer(dispatch, topology.start(dispatch), "hi");
  }
}
