package io.penstock.infra.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class ReplayCommandTest {
  @Test
  void whoeverEndsARecordingWaitsUntilTheFileIsWritten() throws InterruptedException {
    var stopped = new CountDownLatch(1);
    var written = new CountDownLatch(1);
    Thread ending =
        ReplayCommand.Recording.ending(stopped::countDown, written, Duration.ofMinutes(2));
    ending.start();
    stopped.await();
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> ending.getState() == Thread.State.TIMED_WAITING);
    written.countDown();
    assertThat(ending.join(Duration.ofMinutes(1))).isTrue();
  }
}
