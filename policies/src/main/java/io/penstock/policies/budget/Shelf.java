package io.penstock.policies.budget;

import io.penstock.schemas.avro.Reservation;
import io.penstock.schemas.avro.Slice;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Where a task keeps its slices and reservations. Both are durable when they are written; a
 * reservation's place is its fingerprint, a slash and its dispatch id. Notes are kept in memory,
 * and are made anew from the other two by {@link Treasury#restored}.
 */
public interface Shelf {
  @Nullable Slice slice(String pot);

  void put(Slice slice);

  void drop(Slice slice);

  List<Slice> slices();

  @Nullable Reservation reservation(String place);

  void put(String place, Reservation reservation);

  void drop(String place);

  void eachReservation(BiConsumer<String, Reservation> reader);

  /** A note; 0 when there is none. */
  long note(String name);

  /** Makes a note; 0 removes it. */
  void note(String name, long value);

  /** The names of notes that begin so, in order, {@code most} of them at most. */
  List<String> notes(String prefix, int most);
}
