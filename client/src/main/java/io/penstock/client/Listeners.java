package io.penstock.client;

import io.penstock.schemas.avro.ResponseChunk;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who listens to which answer. Any thread may listen; one delivers. */
final class Listeners {
  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  private final ConcurrentHashMap<String, Set<Listener>> byId = new ConcurrentHashMap<>();

  /**
   * Listens to one attempt, the first that says anything. Only the delivering thread changes it.
   */
  private static final class Listener {
    private final String tenant;
    private final ChunkListener ear;
    private @Nullable String attempt;
    private int next;

    private Listener(String tenant, ChunkListener ear) {
      this.tenant = tenant;
      this.ear = ear;
    }

    /** Text with a gap in it is worse than text that comes later, with the response. */
    void hear(ResponseChunk chunk) {
      boolean known = attempt == null || attempt.equals(chunk.getAttemptId());
      if (!known || chunk.getSequence() != next || !tenant.equals(chunk.getTenant())) {
        return;
      }
      attempt = chunk.getAttemptId();
      next++;
      try {
        ear.heard(chunk);
      } catch (RuntimeException e) {
        LOG.error("a listener failed", e);
      }
    }
  }

  Listening add(String id, String tenant, ChunkListener ear) {
    var listener = new Listener(tenant, ear);
    byId.compute(
        id,
        (_, present) -> {
          Set<Listener> all = present == null ? ConcurrentHashMap.newKeySet(1) : present;
          all.add(listener);
          return all;
        });
    return () -> remove(id, listener);
  }

  boolean anyFor(String id) {
    return byId.containsKey(id);
  }

  void deliver(ResponseChunk chunk) {
    Set<Listener> all = byId.get(chunk.getRequestId());
    if (all != null) {
      all.forEach(listener -> listener.hear(chunk));
    }
  }

  /** How many ids are listened to. */
  int size() {
    return byId.size();
  }

  private void remove(String id, Listener listener) {
    byId.computeIfPresent(
        id,
        (_, all) -> {
          all.remove(listener);
          return all.isEmpty() ? null : all;
        });
  }
}
