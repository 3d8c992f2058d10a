package io.penstock.topology.batch;

import io.penstock.schemas.avro.Waiting;
import io.penstock.topology.dispatch.WorkLog;
import io.penstock.topology.dispatch.WorkLog.Handed;
import io.penstock.topology.flow.StateStores;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
  /** Many commit intervals. */
  private static final Duration KEPT = Duration.ofSeconds(5);

  private final KeyValueStore<String, Waiting> store;
  private final WorkLog workLog;
  private final Instant openedAt;
  private final ArrayDeque<Left> left = new ArrayDeque<>();
  private @Nullable Predicate<Handed> sentBefore;

  private record Left(String key, Instant at) {}

  WaitingRoom(ProcessingContext context, WorkLog workLog) {
    this.store = context.getStateStore(StateStores.WAITING);
    this.workLog = workLog;
    this.openedAt = Instant.ofEpochMilli(context.currentSystemTimeMs());
  }

  void enter(String window, Waiting waiting) {
    store.put(key(window, waiting.getDispatch().getId()), waiting);
  }

  Waiting leave(String window, String dispatchId, Instant now) {
    String key = key(window, dispatchId);
    left.add(new Left(key, now));
    return Objects.requireNonNull(store.get(key), "whoever leaves has entered");
  }

  /** Forgets those who left some time ago. */
  void forget(Instant now) {
    while (!left.isEmpty() && !left.peek().at.plus(KEPT).isAfter(now)) {
      store.delete(left.remove().key);
    }
  }

  /**
   * Whether a record that is read was sent on to the workers before this task began: it is read
   * again since nobody was left to say that it had been read.
   *
   * @param at when the record was written
   */
  boolean sent(Waiting waiting, Instant at) {
    if (at.isAfter(openedAt)) {
      return false;
    }
    if (sentBefore == null) {
      sentBefore = workLog.toWorkers(at);
    }
    return sentBefore.test(Handed.of(waiting.getDispatch()));
  }

  /** Who still waits after a restart, by window, in the order they came. */
  Map<String, List<Waiting>> reopen(Instant now) {
    var entries = new ArrayList<Map.Entry<String, Waiting>>();
    try (KeyValueIterator<String, Waiting> all = store.all()) {
      all.forEachRemaining(entry -> entries.add(Map.entry(entry.key, entry.value)));
    }
    entries.sort(Map.Entry.comparingByValue((a, b) -> a.getSince().compareTo(b.getSince())));
    var waiting = new LinkedHashMap<String, List<Waiting>>();
    if (!entries.isEmpty()) {
      Predicate<Handed> sent = workLog.toWorkers(entries.getFirst().getValue().getSince());
      for (Map.Entry<String, Waiting> entry : entries) {
        if (sent.test(Handed.of(entry.getValue().getDispatch()))) {
          left.add(new Left(entry.getKey(), now));
        } else {
          waiting.computeIfAbsent(windowOf(entry), each -> new ArrayList<>()).add(entry.getValue());
        }
      }
    }
    return waiting;
  }

  private static String key(String window, String dispatchId) {
    return window + " " + dispatchId;
  }

  private static String windowOf(Map.Entry<String, Waiting> entry) {
    String id = entry.getValue().getDispatch().getId();
    return entry.getKey().substring(0, entry.getKey().length() - id.length() - 1);
  }
}
