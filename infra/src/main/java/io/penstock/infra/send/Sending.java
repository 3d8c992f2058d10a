package io.penstock.infra.send;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * Sends many requests: at a steady rate, or as fast as a number of them at a time allows.
 *
 * @param concurrency requests under way at a time
 * @param perSecond a steady rate; latency then counts from the moment a request was due
 */
public record Sending(int concurrency, Optional<Integer> perSecond) {

  /**
   * Sends all and waits for all.
   *
   * @param ended told what became of each as it ends; on any thread
   */
  public List<Outcome> run(
      IngressCaller caller, Template template, List<Prompt> prompts, Consumer<Outcome> ended)
      throws InterruptedException {
    var slots = new Semaphore(concurrency);
    var pending = new ArrayList<Future<Outcome>>(prompts.size());
    long begun = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < prompts.size(); i++) {
        Prompt prompt = prompts.get(i);
        Optional<Long> planned = due(begun, i);
        waitUntil(planned);
        slots.acquire();
        long due = planned.orElseGet(System::nanoTime);
        pending.add(
            threads.submit(() -> {
              try {
                Outcome outcome = caller.ask(template.body(prompt), due);
                ended.accept(outcome);
                return outcome;
              } finally {
                slots.release();
              }
            }));
      }
      return outcomes(pending);
    }
  }

  private Optional<Long> due(long begun, int index) {
    return perSecond.map(rate -> begun + index * Duration.ofSeconds(1).toNanos() / rate);
  }

  private static void waitUntil(Optional<Long> due) throws InterruptedException {
    if (due.isPresent()) {
      long ahead = due.get() - System.nanoTime();
      if (ahead > 0) {
        Thread.sleep(Duration.ofNanos(ahead));
      }
    }
  }

  private static List<Outcome> outcomes(List<Future<Outcome>> pending) throws InterruptedException {
    var outcomes = new ArrayList<Outcome>(pending.size());
    for (Future<Outcome> future : pending) {
      try {
        outcomes.add(future.get());
      } catch (ExecutionException e) {
        throw new IllegalStateException("sending failed", e.getCause());
      }
    }
    return outcomes;
  }
}
