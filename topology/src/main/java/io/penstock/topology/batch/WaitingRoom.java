package io.penstock.topology.batch;

import io.penstock.schemas.avro.Waiting;
import io.penstock.topology.dispatch.WorkLog;
import io.penstock.topology.dispatch.WorkLog.Handed;
import io.penstock.topology.flow.StateStores;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Who waits in the windows of one task, kept over a restart. Whoever goes at once never enters. An
 * entry outlives its departure for a while: should the task crash before it is sure that the
 * dispatch is on its way, the entry tells of it, and the log of work tells whether it had gone.
 * Used by the stream thread only.
 */
final class WaitingRoom {
  /** Many commit intervals; clocks of tasks differ by less. */
  private static final Duration KEPT = Duration.ofSeconds(5);

  private final KeyValueStore<String, Waiting> store;
  private final WorkLog workLog;
  private final Instant openedAt;
  private final LinkedHashMap<String, Instant> left = new LinkedHashMap<>();
  private @Nullable Predicate<Handed> sentBefore;

  WaitingRoom(ProcessingContext context, WorkLog workLog) {
    this.store = context.getStateStore(StateStores.WAITING);
    this.workLog = workLog;
    this.openedAt = Instant.ofEpochMilli(context.currentSystemTimeMs());
  }

  void enter(String window, Waiting waiting) {
    String key = key(window, waiting.getDispatch().getId());
    left.remove(key); // It left, was lost by whoever called for it, and comes again.
    store.put(key, waiting);
  }

  Waiting leave(String window, String dispatchId, Instant now) {
    String key = key(window, dispatchId);
    left.put(key, now);
    return Objects.requireNonNull(store.get(key), "whoever leaves has entered");
  }

  /** It leaves since nobody wants it any more, which is remembered as long as the rest of it. */
  Waiting withdraw(String window, String dispatchId, Instant now) {
    Waiting waiting = leave(window, dispatchId, now);
    store.put(key(window, dispatchId), new Waiting(waiting.getDispatch(), waiting.getSince(), now));
    return waiting;
  }

  /** Forgets those who left some time ago. */
  void forget(Instant now) {
    while (!left.isEmpty() && !left.firstEntry().getValue().plus(KEPT).isAfter(now)) {
      store.delete(left.pollFirstEntry().getKey());
    }
  }

  /**
   * Whether a record is read again after it has done what it was to do: before this task began, or
   * since, when the room was opened again. Nobody was left to say that it had been read.
   *
   * @param at when the record was written
   */
  boolean seen(String window, Waiting waiting, Instant at) {
    if (at.isAfter(openedAt.plus(KEPT))) {
      return false;
    }
    Waiting known = store.get(key(window, waiting.getDispatch().getId()));
    if (known != null && Handed.of(known.getDispatch()).equals(Handed.of(waiting.getDispatch()))) {
      return true;
    }
    if (sentBefore == null) {
      sentBefore = workLog.toWorkers(at.minus(KEPT));
    }
    return sentBefore.test(Handed.of(waiting.getDispatch()));
  }

  /** Who is in the room after a restart, by window, in the order they came. */
  Map<String, List<Waiting>> reopen(Instant now) {
    var entries = new ArrayList<Map.Entry<String, Waiting>>();
    try (KeyValueIterator<String, Waiting> all = store.all()) {
      all.forEachRemaining(entry -> entries.add(Map.entry(entry.key, entry.value)));
    }
    entries.sort(Map.Entry.comparingByValue(Comparator.comparing(Waiting::getSince)));
    var here = new LinkedHashMap<String, List<Waiting>>();
    if (entries.isEmpty()) {
      return here;
    }
    Predicate<Handed> sent =
        workLog.toWorkers(entries.getFirst().getValue().getSince().minus(KEPT));
    for (Map.Entry<String, Waiting> entry : entries) {
      if (sent.test(Handed.of(entry.getValue().getDispatch()))) {
        left.put(entry.getKey(), now);
      } else {
        here.computeIfAbsent(windowOf(entry), each -> new ArrayList<>()).add(entry.getValue());
      }
    }
    return here;
  }

  private static String key(String window, String dispatchId) {
    return window + " " + dispatchId;
  }

  private static String windowOf(Map.Entry<String, Waiting> entry) {
    String id = entry.getValue().getDispatch().getId();
    return entry.getKey().substring(0, entry.getKey().length() - id.length() - 1);
  }
}
