package io.penstock.infra.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Asks at a steady rate, whatever the answers do. */
record Pace(int perSecond, Duration length) {

  /**
   * Asks and waits for every answer.
   *
   * @return how long each took from the moment it was due, not from when it was really asked
   */
  List<Duration> of(Supplier<? extends CompletableFuture<?>> question) {
    int count = Math.toIntExact(perSecond * length.toMillis() / 1000);
    long gap = Duration.ofSeconds(1).toNanos() / perSecond;
    var answers = new ArrayList<CompletableFuture<Duration>>(count);
    long begun = System.nanoTime();
    for (int i = 0; i < count; i++) {
      long due = begun + i * gap;
      for (long ahead = due - System.nanoTime(); ahead > 0; ahead = due - System.nanoTime()) {
        LockSupport.parkNanos(ahead);
      }
      answers.add(question.get().thenApply(_ -> Duration.ofNanos(System.nanoTime() - due)));
    }
    return answers.stream().map(CompletableFuture::join).toList();
  }
}
