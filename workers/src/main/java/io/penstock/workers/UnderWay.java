package io.penstock.workers;

import io.penstock.workers.provider.Line;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The dispatches that this worker works on, and those that were withdrawn of late: their withdrawal
 * may overtake them. For any thread.
 */
final class UnderWay {
  private static final Duration REMEMBERED = Duration.ofMinutes(1);
  private static final int MOST_REMEMBERED = 100_000;

  private final InstantSource clock;
  private final Map<String, Set<Line>> lines = new HashMap<>();
  private final LinkedHashMap<String, Instant> withdrawn = new LinkedHashMap<>();
  private boolean awake;

  UnderWay(InstantSource clock) {
    this.clock = clock;
  }

  /** A line for a dispatch, hung up already if that was withdrawn. */
  synchronized Line open(String dispatchId) {
    var line = new Line();
    lines.computeIfAbsent(dispatchId, id -> new HashSet<>()).add(line);
    if (awake) {
      line.wake();
    }
    if (withdrawn(dispatchId)) {
      line.hangUp();
    }
    return line;
  }

  synchronized void close(String dispatchId, Line line) {
    lines.computeIfPresent(
        dispatchId,
        (id, open) -> {
          open.remove(line);
          return open.isEmpty() ? null : open;
        });
  }

  /** Nobody waits for the dispatch any more. */
  void withdraw(String dispatchId) {
    List<Line> open;
    synchronized (this) {
      forget();
      withdrawn.putLast(dispatchId, clock.instant());
      open = List.copyOf(lines.getOrDefault(dispatchId, Set.of()));
    }
    open.forEach(Line::hangUp);
  }

  synchronized boolean withdrawn(String dispatchId) {
    forget();
    return withdrawn.containsKey(dispatchId);
  }

  private void forget() {
    Instant since = clock.instant().minus(REMEMBERED);
    while (!withdrawn.isEmpty()
        && (withdrawn.size() >= MOST_REMEMBERED
            || withdrawn.firstEntry().getValue().isBefore(since))) {
      withdrawn.pollFirstEntry();
    }
  }

  /** Ends all pauses, now and later. */
  synchronized void wake() {
    awake = true;
    lines.values().forEach(open -> open.forEach(Line::wake));
  }
}
