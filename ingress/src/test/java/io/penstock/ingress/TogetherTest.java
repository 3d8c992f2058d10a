package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TogetherTest {
  private final Together together = new Together();

  @Test
  void allAreClosedAtTheSameTime() {
    var closing = new CyclicBarrier(4);
    for (int i = 0; i < closing.getParties(); i++) {
      together.add((AutoCloseable) () -> closing.await(1, TimeUnit.MINUTES));
    }
    together.close(); // would not come through the barrier one by one
    assertThat(closing.isBroken()).isFalse();
    assertThat(closing.getNumberWaiting()).isZero();
  }

  @Test
  void whatFailsIsThrownWhenTheOthersAreClosed() {
    var closed = new AtomicInteger();
    together.add(closed::incrementAndGet);
    together.add(
        (AutoCloseable)
            () -> {
              throw new IllegalStateException("broken");
            });
    together.add(closed::incrementAndGet);
    assertThatThrownBy(together::close).hasRootCauseMessage("broken");
    assertThat(closed).hasValue(2);
  }
}
