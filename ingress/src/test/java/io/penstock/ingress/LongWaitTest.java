package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("soak")
@ExtendWith(Penstock.Extension.class)
class LongWaitTest {
  private static final Duration LONGER_THAN_KEPT_ALIVE = Duration.ofSeconds(75);

  @Test
  void aCallerMayWaitLongerThanAnIdleConnectionLives(Penstock penstock) {
    var http = penstock.ingress();
    var waiting = http.inferLater("{\"prompt\":\"hold for long\",\"deadline_ms\":100000}");
    Awaitility.await()
        .until(() -> penstock.topology.dispatched("hold for long").size(), size -> size == 1);
    Awaitility.await()
        .atMost(LONGER_THAN_KEPT_ALIVE.plusSeconds(1))
        .pollDelay(LONGER_THAN_KEPT_ALIVE)
        .until(() -> !waiting.isDone());
    penstock.topology.release(penstock.topology.dispatched("hold for long").getFirst().getId());
    assertThat(waiting.orTimeout(10, TimeUnit.SECONDS).join().status()).isEqualTo(200);
  }
}
