package io.penstock.policies.coalesce;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Attempt;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * The guarantees of single flight over random histories. A failure names the seed and prints the
 * history that broke the law.
 */
class SingleFlightWalkTest {
  private static final int WALKS = 1_000;

  @Test
  void whateverHappensEveryRequesterHearsOneThing() {
    walk(Faults.ALL, walk -> oneOutcomePerRequest(walk.history));
  }

  @Test
  void everyRequesterIsAnsweredEvenWhenACrashLosesState() {
    walk(Faults.ALL_AND_LAGGING_STATE, walk -> {});
  }

  @Test
  void crashesOfTheTopologyAlonePayForNothingTwice() {
    walk(
        Faults.CRASHES,
        walk -> {
          oneOutcomePerRequest(walk.history);
          assertThat(walk.mostCallsAtOnce).as("calls at once").isLessThanOrEqualTo(1);
          assertThat(walk.history.started.values())
              .as("calls")
              .doesNotHaveDuplicates()
              .extracting(Attempt::getDispatchId)
              .doesNotHaveDuplicates();
        });
  }

  @Test
  void crashesPayForNothingTwiceEvenWhenProvidersFail() {
    walk(
        Faults.CRASHES_AND_FAILURES,
        walk -> {
          oneOutcomePerRequest(walk.history);
          assertThat(walk.mostCallsAtOnce).as("calls at once").isLessThanOrEqualTo(1);
        });
  }

  private static void walk(Faults faults, Consumer<Walk> also) {
    for (int seed = 0; seed < WALKS; seed++) {
      var walk = new Walk(seed, faults);
      try {
        walk.go(10 + seed / 8);
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
}
