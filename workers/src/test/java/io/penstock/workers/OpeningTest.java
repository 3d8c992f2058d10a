package io.penstock.workers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class OpeningTest {
  private final CompletableFuture<Void> durable = new CompletableFuture<>();
  private final List<String> deeds = new ArrayList<>();
  private final Opening opening =
      new Opening(
          durable,
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

  @Test
  void nothingBeginsBeforeTheRecordIsDurable() {
    assertThat(deeds).isEmpty();
    durable.complete(null);
    assertThat(deeds).containsExactly("begin");
    assertThat(opening.within(Duration.ZERO)).isTrue();
  }

  @Test
  void whatCannotBeWrittenIsForgone() {
    durable.completeExceptionally(new IllegalStateException("no broker"));
    assertThat(opening.within(Duration.ofDays(1))).isFalse();
    assertThat(deeds).containsExactly("forgo");
  }

  @Test
  void whatTakesTooLongIsForgoneAndWithdrawnShouldItBeDurableAfterAll() {
    assertThat(opening.within(Duration.ofMillis(1))).isFalse();
    assertThat(deeds).containsExactly("forgo");
    durable.complete(null);
    assertThat(deeds).containsExactly("forgo", "withdraw");
    assertThat(opening.within(Duration.ZERO)).isFalse();
  }

  @Test
  void whatTakesTooLongAndThenFailsIsForgoneOnce() {
    assertThat(opening.within(Duration.ZERO)).isFalse();
    durable.completeExceptionally(new IllegalStateException("no broker"));
    assertThat(deeds).containsExactly("forgo");
  }

  @Test
  void anInterruptedThreadForgoesWhatIsNotDurable() {
    Thread.currentThread().interrupt();
    assertThat(opening.within(Duration.ofDays(1))).isFalse();
    assertThat(Thread.interrupted()).as("still interrupted").isTrue();
    assertThat(deeds).containsExactly("forgo");
  }

  @Test
  void anInterruptedThreadKeepsWhatIsDurable() {
    durable.complete(null);
    Thread.currentThread().interrupt();
    assertThat(opening.within(Duration.ofDays(1))).isTrue();
    assertThat(Thread.interrupted()).isTrue();
  }
}
