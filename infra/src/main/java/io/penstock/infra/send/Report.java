package io.penstock.infra.send;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A sending from its first request to its summary, the ledger's view included. */
public final class Report {
  private static final int LEDGER_LOOKS = 50;
  private static final Duration LEDGER_PAUSE = Duration.ofMillis(100);

  private final IngressCaller caller;

  public Report(IngressCaller caller) {
    this.caller = caller;
  }

  /** Sends and summarises. */
  public String of(Sending sending, Template template, List<Prompt> prompts, Progress progress)
      throws InterruptedException {
    long callsBefore = calls(caller.costs());
    long begun = System.nanoTime();
    List<Outcome> outcomes = sending.run(caller, template, prompts, progress::show);
    var took = Duration.ofNanos(System.nanoTime() - begun);
    progress.end();
    long answered =
        outcomes.stream()
            .filter(o -> o.kind() == Outcome.Kind.ANSWERED && o.detail().equals("provider"))
            .count();
    return new Summary(outcomes, took).table()
        + "  calls    %d provider calls in the ledger meanwhile%n"
            .formatted(callsSince(callsBefore, answered));
  }

  // The ledger follows the log by a moment: look until it has seen every answered call.
  private long callsSince(long before, long atLeast) throws InterruptedException {
    long calls = calls(caller.costs()) - before;
    for (int look = 0; look < LEDGER_LOOKS && calls < atLeast; look++) {
      Thread.sleep(LEDGER_PAUSE);
      calls = calls(caller.costs()) - before;
    }
    return calls;
  }

  private static long calls(Optional<JsonNode> costs) {
    if (costs.isEmpty()) {
      return 0;
    }
    long calls = 0;
    for (JsonNode row : costs.get().path("rows")) {
      if (row.path("key").asText().equals("provider")) {
        calls += row.path("events").asLong();
      }
    }
    return calls;
  }
}
