package io.penstock.workers;

import io.penstock.schemas.registry.RegistryException;
import io.penstock.schemas.registry.SchemaRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;

/** A registry that does not answer the next so many questions. */
final class MuteRegistry implements SchemaRegistry {
  private final SchemaRegistry real;
  private final AtomicInteger toRefuse = new AtomicInteger();
  private final AtomicInteger refusals = new AtomicInteger();
  private volatile int about;

  MuteRegistry(SchemaRegistry real) {
    this.real = real;
  }

  /** Refuses the next {@code questions}, whatever they are about. */
  MuteRegistry refuse(int questions) {
    return refuse(questions, 0);
  }

  /** Refuses the next {@code questions} about one schema. */
  MuteRegistry refuse(int questions, int schemaId) {
    about = schemaId;
    toRefuse.set(questions);
    return this;
  }

  SchemaRegistry real() {
    return real;
  }

  int refusals() {
    return refusals.get();
  }

  private void answer() {
    if (toRefuse.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      refusals.incrementAndGet();
      throw new RegistryException.Unavailable("mute", null);
    }
  }

  @Override
  public int register(String subject, Schema schema) {
    if (about == 0) {
      answer();
    }
    return real.register(subject, schema);
  }

  @Override
  public Schema byId(int id) {
    if (about == 0 || about == id) {
      answer();
    }
    return real.byId(id);
  }

  @Override
  public void close() {}
}
