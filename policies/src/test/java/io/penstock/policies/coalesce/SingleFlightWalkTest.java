package io.penstock.policies.coalesce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * The guarantees of single flight over random histories. A failure names the seed and prints the
 * history that broke the law.
 */
class SingleFlightWalkTest {
  private static final int WALKS = 3_000;

  @Test
  void whateverHappensEveryRequesterHearsOneThingAndEveryAttemptIsAccountedFor() {
    walk(Faults.ALL, walk -> {});
  }

  @Test
  void crashesOfTheTopologyAlonePayForNothingTwice() {
    walk(
        Faults.CRASHES,
        walk -> {
          assertThat(walk.mostAtOnce).as("calls at once").isLessThanOrEqualTo(1);
        });
  }

  @Test
  void crashesPayForNothingTwiceEvenWhenProvidersFail() {
    walk(
        Faults.CRASHES_AND_FAILURES,
        walk -> assertThat(walk.mostAtOnce).as("calls at once").isLessThanOrEqualTo(1));
  }

  private static void walk(Faults faults, Consumer<Walk> also) {
    for (int seed = 0; seed < WALKS; seed++) {
      var walk = new Walk(seed, faults);
      try {
        walk.go(10 + seed / 20);
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
    assertThat(history.outcomes)
        .as("everyone hears one thing")
        .allSatisfy((id, outcomes) -> assertThat(outcomes).as(id).hasSize(1));
    Set<String> known = new HashSet<>(history.accounted);
    known.addAll(history.writtenOff.keySet());
    assertThat(known).as("attempts accounted for").isEqualTo(history.started.keySet());
  }
}
