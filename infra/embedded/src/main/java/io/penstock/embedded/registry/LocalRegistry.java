package io.penstock.embedded.registry;

import io.penstock.schemas.registry.RegistryException;
import io.penstock.schemas.registry.SchemaRegistry;
import java.util.Optional;
import java.util.function.Function;
import org.apache.avro.Schema;

/**
 * A registry that lives in this JVM, with everything that its REST interface shows. A change is
 * recorded before anybody sees it. Safe for use by any thread.
 */
public abstract sealed class LocalRegistry implements SchemaRegistry
    permits MemoryRegistry, EmbeddedRegistry {
  private final RegistryState state = new RegistryState(); // guarded by this

  LocalRegistry() {}

  /**
   * Records an entry durably, provided that it was decided on all that is recorded. False: it was
   * not, catch up and decide again.
   *
   * @throws RegistryException.Unavailable when it may not have been recorded
   */
  abstract boolean append(Entry entry);

  /**
   * Applies what others have recorded meanwhile.
   *
   * @throws RegistryException.Unavailable when the record cannot be read
   */
  abstract void catchUp(RegistryState state);

  @Override
  public final int register(String subject, Schema schema) {
    return versionOf(subject, schema).id();
  }

  @Override
  public final synchronized Schema byId(int id) {
    return state
        .byId(id)
        .or(() -> caughtUp(s -> s.byId(id)))
        .orElseThrow(() -> new RegistryException.NotFound("no schema has id " + id));
  }

  /** The version of {@code subject} that {@code schema} is, or now becomes. */
  final synchronized Entry.Registered versionOf(String subject, Schema schema) {
    while (true) {
      Optional<Entry.Registered> held = state.find(subject, schema);
      if (held.isPresent()) {
        return held.get();
      }
      Entry.Registered next = state.next(subject, schema);
      if (committed(next)) {
        return next;
      }
    }
  }

  /** Applies everything that is recorded. */
  final synchronized void load() {
    catchUp(state);
  }

  final synchronized void commit(Entry entry) {
    while (!committed(entry)) {
      // Somebody else was first, and is known now.
    }
  }

  final synchronized <T> T read(Function<RegistryState, T> question) {
    return question.apply(state);
  }

  private boolean committed(Entry entry) {
    boolean appended = append(entry);
    if (appended) {
      state.apply(entry);
    } else {
      catchUp(state);
    }
    return appended;
  }

  private <T> T caughtUp(Function<RegistryState, T> question) {
    catchUp(state);
    return question.apply(state);
  }
}
