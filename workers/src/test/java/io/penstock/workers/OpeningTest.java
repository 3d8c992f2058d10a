package io.penstock.workers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class OpeningTest {
  private static final Duration LONG = Duration.ofDays(1);

  private final CompletableFuture<Void> durable = new CompletableFuture<>();
  private final List<String> deeds = new ArrayList<>();

  @Test
  void nothingBeginsBeforeTheRecordIsDurable() {
    var opening = opening(LONG);
    assertThat(deeds).isEmpty();
    durable.complete(null);
    assertThat(deeds).containsExactly("begin");
    assertThat(opening.begins()).isTrue();
  }

  @Test
  void whatCannotBeWrittenIsForgone() {
    var opening = opening(LONG);
    durable.completeExceptionally(new IllegalStateException("no broker"));
    assertThat(opening.begins()).isFalse();
    assertThat(deeds).containsExactly("forgo");
  }

  @Test
  void whatTakesTooLongIsForgoneAndWithdrawnShouldItBeDurableAfterAll() {
    var opening = opening(Duration.ofMillis(1));
    assertThat(opening.begins()).isFalse();
    assertThat(deeds).containsExactly("forgo");
    durable.complete(null);
    assertThat(deeds).containsExactly("forgo", "withdraw");
    assertThat(opening.begins()).isFalse();
  }

  @Test
  void whatIsDurableTooLateDoesNotBeginThoughNobodyHasGivenItUp() {
    var opening = opening(Duration.ofMillis(-1));
    durable.complete(null);
    assertThat(deeds).containsExactly("forgo", "withdraw");
    assertThat(opening.begins()).isFalse();
  }

  @Test
  void whatWasDurableBeforeItCouldBeWaitedForBeginsOnlyInTime() {
    durable.complete(null);
    assertThat(opening(Duration.ofMillis(-1)).begins()).isFalse();
    assertThat(deeds).containsExactly("forgo", "withdraw");
  }

  @Test
  void whatTakesTooLongAndThenFailsIsForgoneOnce() {
    assertThat(opening(Duration.ZERO).begins()).isFalse();
    durable.completeExceptionally(new IllegalStateException("no broker"));
    assertThat(deeds).containsExactly("forgo");
  }

  @Test
  void anInterruptedThreadForgoesWhatIsNotDurable() {
    var opening = opening(LONG);
    Thread.currentThread().interrupt();
    assertThat(opening.begins()).isFalse();
    assertThat(Thread.interrupted()).as("still interrupted").isTrue();
    assertThat(deeds).containsExactly("forgo");
  }

  @Test
  void anInterruptedThreadKeepsWhatIsDurable() {
    var opening = opening(LONG);
    durable.complete(null);
    Thread.currentThread().interrupt();
    assertThat(opening.begins()).isTrue();
    assertThat(Thread.interrupted()).isTrue();
  }

  private Opening opening(Duration patience) {
    return new Opening(
        durable,
        TimeLimit.in(patience),
        new Opening.Deed() {
          @Override
          public void begin() {
            deeds.add("begin");
          }

          @Override
          public void forgo() {
            deeds.add("forgo");
          }

          @Override
          public void withdraw() {
            deeds.add("withdraw");
          }
        });
  }
}
