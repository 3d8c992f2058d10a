package io.penstock.workers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SlotsTest {
  private final Slots slots = new Slots(3);

  @Test
  void takenSlotsAreNotFree() {
    slots.take();
    assertThat(slots.free(2)).isTrue();
    assertThat(slots.free(3)).isFalse();
    assertThat(slots.taken()).isEqualTo(1);
    slots.giveBack();
    assertThat(slots.free(3)).isTrue();
  }

  @Test
  void whoWantsSlotsWaitsUntilEnoughAreFree() throws Exception {
    slots.take();
    slots.take();
    var asking = new CountDownLatch(1);
    var free =
        CompletableFuture.runAsync(() -> {
          asking.countDown();
          try {
            slots.awaitFree(3);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    assertThat(asking.await(10, TimeUnit.SECONDS)).isTrue();
    slots.giveBack();
    assertThat(free).isNotDone();
    slots.giveBack();
    assertThat(free).succeedsWithin(Duration.ofSeconds(10));
  }

  @Test
  void idleIsWhenNothingIsTaken() throws InterruptedException {
    slots.take();
    assertThat(slots.awaitIdle(Duration.ofMillis(1))).isFalse();
    slots.giveBack();
    assertThat(slots.awaitIdle(Duration.ZERO)).isTrue();
  }
}
