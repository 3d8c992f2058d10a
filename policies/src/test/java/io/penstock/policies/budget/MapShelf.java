package io.penstock.policies.budget;

import io.penstock.schemas.avro.Reservation;
import io.penstock.schemas.avro.Slice;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A shelf of maps; a crash leaves what is durable, and an interruption comes between two writes.
 */
final class MapShelf implements Shelf {
  final Map<String, Slice> slices = new TreeMap<>();
  final Map<String, Reservation> reservations = new TreeMap<>();
  private final TreeMap<String, Long> notes = new TreeMap<>();

  /** Slices and reservations that were read. */
  int reads;

  private int writesUntilInterrupted = Integer.MAX_VALUE;

  /** The process dies at one of the next writes. */
  static final class Interrupted extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  void interruptAfter(int writes) {
    writesUntilInterrupted = writes;
  }

  void crash() {
    notes.clear();
    writesUntilInterrupted = Integer.MAX_VALUE;
  }

  private void writing() {
    if (writesUntilInterrupted-- <= 0) {
      throw new Interrupted();
    }
  }

  @Override
  public @Nullable Slice slice(String pot) {
    reads++;
    return slices.get(pot);
  }

  @Override
  public void put(Slice slice) {
    writing();
    slices.put(slice.getPot(), slice);
  }

  @Override
  public void drop(Slice slice) {
    writing();
    slices.remove(slice.getPot());
  }

  @Override
  public List<Slice> slices() {
    return List.copyOf(slices.values());
  }

  @Override
  public @Nullable Reservation reservation(String place) {
    reads++;
    return reservations.get(place);
  }

  @Override
  public void put(String place, Reservation reservation) {
    writing();
    reservations.put(place, reservation);
  }

  @Override
  public void drop(String place) {
    writing();
    reservations.remove(place);
  }

  @Override
  public void eachReservation(BiConsumer<String, Reservation> reader) {
    Map.copyOf(reservations).forEach(reader);
  }

  @Override
  public long note(String name) {
    return notes.getOrDefault(name, 0L);
  }

  @Override
  public void note(String name, long value) {
    if (value == 0) {
      notes.remove(name);
    } else {
      notes.put(name, value);
    }
  }

  @Override
  public List<String> notes(String prefix, int most) {
    return notes.tailMap(prefix, true).keySet().stream()
        .takeWhile(name -> name.startsWith(prefix))
        .limit(most)
        .toList();
  }
}
