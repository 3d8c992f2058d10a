package io.penstock.infra.command;

import io.penstock.infra.engine.Closing;
import java.util.concurrent.CountDownLatch;

/** Keeps a process alive until it is told to stop, then stops its parts in order. */
final class Running {
  private final Closing closing = new Closing();
  private final CountDownLatch stopped = new CountDownLatch(1);

  Running() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "shutdown"));
  }

  Closing parts() {
    return closing;
  }

  /** Waits for Ctrl-C, SIGTERM or {@link #stop}. */
  int untilStopped() {
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }

  void stop() {
    closing.close();
    stopped.countDown();
  }
}
