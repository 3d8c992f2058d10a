package io.penstock.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.ResponseChunk;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListenersTest {
  private final Listeners listeners = new Listeners();
  private final List<ResponseChunk> heard = new ArrayList<>();

  @Test
  void eachPieceIsHeardOnce() {
    var _ = listeners.add("id", "acme", heard::add);
    deliver("a", 0);
    deliver("a", 0);
    deliver("a", 1);
    deliver("a", 0);
    assertHeard(0, 1);
  }

  @Test
  void onlyTheFirstAttemptThatSaysAnythingIsHeard() {
    var _ = listeners.add("id", "acme", heard::add);
    deliver("a", 0);
    deliver("b", 0);
    deliver("b", 1);
    deliver("a", 1);
    assertHeard(0, 1);
    assertThat(heard).extracting(ResponseChunk::getAttemptId).containsOnly("a");
  }

  @Test
  void nothingIsHeardBehindAGap() {
    var _ = listeners.add("id", "acme", heard::add);
    deliver("a", 0);
    deliver("a", 2);
    deliver("a", 3);
    assertHeard(0);
  }

  @Test
  void anAttemptWhoseBeginningWasMissedGivesWayToOneFromItsBeginning() {
    var _ = listeners.add("id", "acme", heard::add);
    deliver("a", 4);
    deliver("b", 0);
    assertHeard(0);
    assertThat(heard.getFirst().getAttemptId()).isEqualTo("b");
  }

  @Test
  void anotherTenantsPiecesAreNotHeard() {
    var _ = listeners.add("id", "other", heard::add);
    deliver("a", 0);
    assertThat(heard).isEmpty();
  }

  @Test
  void whoStopsListeningIsForgottenAndTheOthersHearOn() {
    var others = new ArrayList<ResponseChunk>();
    var one = listeners.add("id", "acme", heard::add);
    var other = listeners.add("id", "acme", others::add);
    one.close();
    deliver("a", 0);
    assertThat(heard).isEmpty();
    assertThat(others).hasSize(1);
    other.close();
    assertThat(listeners.size()).isZero();
    assertThat(listeners.anyFor("id")).isFalse();
  }

  @Test
  void aListenerThatFailsHarmsNobody() {
    var _ =
        listeners.add(
            "id",
            "acme",
            _ -> {
              throw new IllegalStateException("on purpose");
            });
    var _ = listeners.add("id", "acme", heard::add);
    deliver("a", 0);
    assertHeard(0);
  }

  private void assertHeard(Integer... sequences) {
    assertThat(heard).extracting(ResponseChunk::getSequence).containsExactly(sequences);
  }

  private void deliver(String attempt, int sequence) {
    listeners.deliver(
        new ResponseChunk("id", "acme", attempt, sequence, "simulator", "small", List.of()));
  }
}
