package io.penstock.policies.coalesce;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Attempt;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * The guarantees of single flight over random histories. A failure names the seed and prints the
 * history that broke the law.
 */
class SingleFlightWalkTest {
  private static final int WALKS = 600;

  @Test
  void whateverHappensEveryRequesterHearsOneThing() {
    walk(
        Faults.none()
            .crashes(8)
            .failures(40)
            .drops(5)
            .vanishingWorkers(10, 5)
            .pauses(10)
            .slowWorkers(),
        walk -> oneOutcomePerRequest(walk.history));
  }

  @Test
  void everyRequesterIsAnsweredEvenWhenACrashLosesState() {
    walk(
        Faults.none()
            .crashes(8)
            .failures(40)
            .drops(5)
            .vanishingWorkers(10, 5)
            .pauses(10)
            .slowWorkers()
            .laggingState(),
        walk -> {});
  }

  @Test
  void crashesOfTheTopologyAloneCostNeitherAnAnswerNorASecondCall() {
    walk(
        Faults.none().crashes(10).deadlinesWithin(Duration.ofHours(1)),
        walk -> {
          oneOutcomePerRequest(walk.history);
          assertThat(walk.history.outcomes.values())
              .allSatisfy(outcomes -> assertThat(outcomes).first().asString().startsWith("answer"));
          assertThat(walk.mostCallsAtOnce).as("calls at once").isLessThanOrEqualTo(1);
          assertThat(walk.history.started.values())
              .as("calls")
              .extracting(Attempt::getDispatchId)
              .doesNotHaveDuplicates();
        });
  }

  @Test
  void crashesPayForNothingTwiceEvenWhenProvidersFail() {
    walk(Faults.none().crashes(10).failures(50), SingleFlightWalkTest::oneCallAtOnce);
  }

  @Test
  void deadlinesAloneNeverMakeTwoCalls() {
    walk(Faults.none().deadlinesWithin(Duration.ofSeconds(2)), SingleFlightWalkTest::oneCallAtOnce);
  }

  @Test
  void aFailureEndsNothingThatAnotherAttemptStillTries() {
    walk(
        Faults.none().failures(60).vanishingWorkers(10, 0).pauses(30).slowWorkers(),
        walk -> oneOutcomePerRequest(walk.history));
  }

  @Test
  void everyCallOfAVanishedWorkerIsEstimatedWhateverCrashes() {
    walk(
        Faults.none().crashes(30).vanishingWorkers(50, 10),
        walk -> oneOutcomePerRequest(walk.history));
  }

  @Test
  void whoWithdrawsHarmsNobodyWhateverHappens() {
    walk(
        Faults.none()
            .withdrawals(50)
            .crashes(8)
            .failures(30)
            .drops(5)
            .vanishingWorkers(10, 5)
            .pauses(10)
            .slowWorkers(),
        walk -> {
          oneOutcomePerRequest(walk.history);
          onlyWhoWithdrewHearsOfIt(walk.history);
        });
  }

  @Test
  void whoStaysIsAnsweredByOneCallAtATimeThoughOthersWithdrawAndTheTopologyCrashes() {
    walk(
        Faults.none().withdrawals(50).crashes(10).deadlinesWithin(Duration.ofHours(1)),
        walk -> {
          oneCallAtOnce(walk);
          walk.history.outcomes.forEach((id, outcomes) -> {
            if (!walk.history.withdrawn.contains(id)) {
              assertThat(outcomes).as(id).first().asString().startsWith("answer");
            }
          });
        });
  }

  @Test
  void everyRequesterIsAnsweredEvenWhenACrashLosesStateAndOthersWithdraw() {
    walk(
        Faults.none().withdrawals(50).crashes(8).failures(30).slowWorkers().laggingState(),
        walk -> {});
  }

  private static void walk(Faults faults, Consumer<Walk> also) {
    for (int seed = 0; seed < WALKS; seed++) {
      var walk = new Walk(seed, faults);
      try {
        walk.go(10 + seed / 4);
        laws(walk.history);
        also.accept(walk);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "seed " + seed + ": " + e.getMessage() + "\n" + String.join("\n", walk.history.log), e);
      }
    }
  }

  private static void laws(History history) {
    assertThat(history.answered).as("everyone is answered").isEqualTo(history.asked);
    Set<String> known = new HashSet<>(history.accounted);
    known.addAll(history.writtenOff.keySet());
    assertThat(known).as("attempts accounted for").isEqualTo(history.started.keySet());
  }

  private static void oneOutcomePerRequest(History history) {
    assertThat(history.outcomes)
        .as("everyone hears one thing")
        .allSatisfy((id, outcomes) -> assertThat(outcomes).as(id).hasSize(1));
  }

  private static void onlyWhoWithdrewHearsOfIt(History history) {
    history.outcomes.forEach((id, outcomes) -> {
      if (!history.withdrawn.contains(id)) {
        assertThat(outcomes).as(id).noneMatch(outcome -> outcome.startsWith("withdrawn"));
      }
    });
  }

  private static void oneCallAtOnce(Walk walk) {
    oneOutcomePerRequest(walk.history);
    assertThat(walk.mostCallsAtOnce).as("calls at once").isLessThanOrEqualTo(1);
  }
}
