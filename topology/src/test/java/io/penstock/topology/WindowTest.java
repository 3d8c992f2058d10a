package io.penstock.topology;

import static io.penstock.topology.Requesting.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import io.penstock.policies.admit.Admission;
import io.penstock.policies.coalesce.Rules;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.cost.Costing;
import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.policies.exactcache.Freshness;
import io.penstock.policies.route.ModelDirectory;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptBegun;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.Breakpoint;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.PromptCache;
import io.penstock.topology.flow.StateStores;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests that share a cold prefix: one goes first, the others wait for its first token. */
final class WindowTest {
  static final String MODEL = "claude-sonnet-4-5";
  private static final String MANUAL = "The manual of the penstock. ".repeat(300);
  private static final PromptCache MARK =
      new PromptCache(null, List.of(new Breakpoint(1, "default")), false);
  private static final Duration GATHERED = Duration.ofMillis(10);

  private final TestingTopology topology = new TestingTopology(laws());

  static Laws laws() {
    return new Laws(
        new Admission(
            Admission.DEFAULT_DEADLINES, new ModelDirectory(Map.of(MODEL, "anthropic"), MODEL), 1),
        Freshness.DEFAULT,
        new SingleFlight(Rules.DEFAULT),
        new Costing(PriceCatalogue.bundled()));
  }

  @AfterEach
  void close() {
    topology.close();
  }

  @Test
  void ofABurstOneIsDispatchedAndTheOthersAtItsFirstToken() {
    ask(64);
    Dispatch leader = only(topology.dispatches());
    assertThat(leader.getPromptCache()).isEqualTo(MARK);
    begin(leader);

    List<Dispatch> others = topology.dispatches();
    assertThat(others).hasSize(63).extracting(Dispatch::getWindow).containsOnlyNulls();
    assertThat(others).extracting(Dispatch::getPromptCache).containsOnly(MARK);
  }

  @Test
  void whoIsAloneGoesAfterAMomentUnmarked() {
    ask(1);
    assertThat(topology.dispatches()).isEmpty();
    topology.pass(GATHERED);
    Dispatch alone = only(topology.dispatches());
    assertThat(alone.getPromptCache()).isNull();
    assertThat(alone.getWindow()).isNull();
  }

  @Test
  void expressWaitsForNobody() {
    InferenceRequest[] asked = {asking("a?").build(), asking("b?").build()};
    for (InferenceRequest request : asked) {
      topology.ask(Lane.EXPRESS, request);
    }
    assertThat(topology.dispatches(Lane.EXPRESS)).hasSize(2);
  }

  @Test
  void whoSharesNothingLongEnoughGoesStraight() {
    topology.ask(aRequest("a?").ofModel(MODEL).behind("Be brief.").build());
    topology.ask(aRequest(MANUAL).ofModel(MODEL).build());
    assertThat(topology.dispatches()).hasSize(2);
    assertThat(topology.changelog(StateStores.WAITING)).isEmpty();
  }

  @Test
  void tenantsDoNotWaitForEachOther() {
    topology.ask(asking("a?").forTenant("one").build());
    topology.ask(asking("b?").forTenant("two").build());
    topology.pass(GATHERED);
    assertThat(topology.dispatches())
        .hasSize(2)
        .extracting(Dispatch::getWindow)
        .containsOnlyNulls();
  }

  @Test
  void aLeaderThatFailsIsFollowedByTheNext() {
    ask(3);
    Dispatch leader = only(topology.dispatches());
    topology.fail(leader, topology.start(leader), Reason.PROVIDER_ERROR.because("broken"));
    Dispatch next = only(topology.dispatches());
    assertThat(next.getWindow()).isEqualTo(leader.getWindow());
    begin(next);
    assertThat(topology.dispatches()).hasSize(1);
  }

  @Test
  void aLeaderWhoseWorkerVanishesIsFollowedByTheNext() {
    topology.ask(Lane.BATCH, asking("a?").build());
    topology.ask(Lane.BATCH, asking("b?").build());
    Dispatch leader = only(topology.dispatches(Lane.BATCH));
    topology.start(leader);
    topology.pass(TestingTopology.LEASE.minusSeconds(1));
    topology.dispatches(Lane.BATCH);
    topology.ask(Lane.BATCH, asking("c?").build());
    assertThat(topology.dispatches(Lane.BATCH)).as("it waits").isEmpty();
    topology.pass(Duration.ofSeconds(2));
    Dispatch next = topology.dispatches(Lane.BATCH).getLast();
    assertThat(next.getWindow()).isEqualTo(leader.getWindow());
    begin(next);
    assertThat(only(topology.dispatches(Lane.BATCH)).getId()).isEqualTo(leader.getId());
  }

  @Test
  void whoIsWithdrawnWhileItWaitsIsNotCalledForAndIsTold() {
    List<InferenceRequest> asked = ask(3);
    Dispatch leader = only(topology.dispatches());
    InferenceRequest withdrawn = asked.getLast();
    topology.withdraw(withdrawn);
    assertThat(topology.responses())
        .extracting(InferenceResponse::getId)
        .containsExactly(withdrawn.getId());
    begin(leader);
    assertThat(topology.dispatches())
        .extracting(dispatch -> dispatch.getRequests().getFirst().getId())
        .doesNotContain(withdrawn.getId())
        .hasSize(1);
  }

  @Test
  void whoWaitsSurvivesARestart() {
    for (String question : List.of("a?", "b?", "c?")) {
      topology.ask(Lane.BATCH, asking(question).build());
    }
    Dispatch leader = only(topology.dispatches(Lane.BATCH));
    topology.pass(Duration.ofSeconds(6)); // The leader's own entry is forgotten.
    topology.restart();
    topology.pass(GATHERED);
    // Who led is not remembered: of the two who wait one leads anew.
    Dispatch next = only(topology.dispatches(Lane.BATCH));
    assertThat(next.getId()).isNotEqualTo(leader.getId());
    assertThat(next.getPromptCache()).isEqualTo(MARK);
    begin(next);
    assertThat(topology.dispatches(Lane.BATCH)).hasSize(1);
  }

  @Test
  void whoWasWithdrawnIsNotCalledForAfterARestartEither() {
    var asked = List.of(asking("a?").build(), asking("b?").build(), asking("c?").build());
    asked.forEach(request -> topology.ask(Lane.BATCH, request));
    InferenceRequest withdrawn = asked.getLast();
    topology.withdraw(withdrawn);
    topology.pass(Duration.ofSeconds(3));
    topology.dispatches(Lane.BATCH);
    topology.restart();
    topology.pass(Duration.ofSeconds(10)); // Longer than anybody waits.
    assertThat(topology.dispatches(Lane.BATCH))
        .isNotEmpty()
        .extracting(dispatch -> dispatch.getRequests().getFirst().getId())
        .doesNotContain(withdrawn.getId());
  }

  @Test
  void aLostLeaderThatComesAgainWaitsAlthoughItsFirstStayIsBeingForgotten() {
    topology.ask(Lane.BATCH, asking("a?").build());
    topology.ask(Lane.BATCH, asking("b?").build());
    Dispatch leader = only(topology.dispatches(Lane.BATCH));
    Attempt attempt = TestingTopology.attempt(leader, topology.now());
    topology.report(leader.getFingerprint(), new AttemptStarted(attempt, 100L));
    topology.pass(Duration.ofMillis(300));
    Dispatch next = only(topology.dispatches(Lane.BATCH));
    assertThat(next.getId()).isNotEqualTo(leader.getId());

    topology.pass(Duration.ofSeconds(6));
    assertThat(topology.dispatches(Lane.BATCH)).as("it waits").isEmpty();
    begin(next);
    assertThat(only(topology.dispatches(Lane.BATCH)).getId()).isEqualTo(leader.getId());
  }

  @Test
  void whoWaitedIsForgottenSomeTimeAfterItWent() {
    ask(2);
    begin(only(topology.dispatches()));
    assertThat(topology.entries(StateStores.WAITING)).isEqualTo(2);
    topology.pass(Duration.ofSeconds(6));
    assertThat(topology.entries(StateStores.WAITING)).isZero();
  }

  @Test
  void whoGoesAtOnceWritesNothing() {
    ask(2);
    begin(only(topology.dispatches()));
    topology.dispatches();
    topology.changelog(StateStores.WAITING);
    topology.ask(asking("another").build());
    assertThat(topology.dispatches()).hasSize(1);
    assertThat(topology.changelog(StateStores.WAITING)).isEmpty();
  }

  private void begin(Dispatch leader) {
    Attempt attempt = topology.start(leader);
    assertThat(attempt.getWindow()).isNotNull();
    topology.report(
        leader.getFingerprint(),
        new AttemptBegun(attempt.getId(), leader.getId(), attempt.getWindow()));
  }

  private List<InferenceRequest> ask(int count) {
    var asked = new ArrayList<InferenceRequest>();
    IntStream.range(0, count).forEach(i -> asked.add(asking("question " + i).build()));
    asked.forEach(topology::ask);
    return asked;
  }

  static Requesting asking(String question) {
    return aRequest(question).behind(MANUAL).ofModel(MODEL);
  }

  private static Dispatch only(List<Dispatch> dispatches) {
    assertThat(dispatches).hasSize(1);
    return dispatches.getFirst();
  }
}
