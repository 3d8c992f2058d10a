package io.penstock.infra.send;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A sending from its first request to its summary, the ledger's view included. */
public final class Report {
  private static final int LEDGER_LOOKS = 50;
  private static final Duration LEDGER_PAUSE = Duration.ofMillis(100);

  private final IngressCaller caller;

  public Report(IngressCaller caller) {
    this.caller = caller;
  }

  /** Sends and summarises. */
  public Summary of(Sending sending, Template template, List<Prompt> prompts, Progress progress)
      throws InterruptedException {
    OptionalLong before = calls();
    long begun = System.nanoTime();
    List<Outcome> outcomes = sending.run(caller, template, prompts, progress::ended);
    var took = Duration.ofNanos(System.nanoTime() - begun);
    progress.end();
    long paid =
        outcomes.stream()
            .filter(o -> o.kind() == Outcome.Kind.ANSWERED && o.detail().equals("provider"))
            .count();
    return new Summary(
        outcomes,
        took,
        before.isPresent() ? callsSince(before.getAsLong(), paid) : OptionalLong.empty());
  }

  // The ledger follows the log by a moment: look until it has seen every answered call.
  private OptionalLong callsSince(long before, long atLeast) throws InterruptedException {
    OptionalLong now = calls();
    for (int look = 0; look < LEDGER_LOOKS && behind(now, before + atLeast); look++) {
      Thread.sleep(LEDGER_PAUSE);
      now = calls();
    }
    return now.isPresent() ? OptionalLong.of(now.getAsLong() - before) : now;
  }

  private static boolean behind(OptionalLong calls, long expected) {
    return calls.isPresent() && calls.getAsLong() < expected;
  }

  private OptionalLong calls() throws InterruptedException {
    Optional<JsonNode> costs = caller.costs();
    if (costs.isEmpty()) {
      return OptionalLong.empty();
    }
    long calls = 0;
    for (JsonNode row : costs.get().path("rows")) {
      if (row.path("key").asText().equals("provider")) {
        calls += row.path("events").asLong();
      }
    }
    return OptionalLong.of(calls);
  }
}
