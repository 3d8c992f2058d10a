package io.penstock.topology.budget;

import io.penstock.policies.budget.Shelf;
import io.penstock.schemas.avro.Reservation;
import io.penstock.schemas.avro.Slice;
import io.penstock.topology.flow.StateStores;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** A shelf in the stores of a task. Used by the stream thread only. */
final class StoreShelf implements Shelf {
  private static final Serializer<String> PREFIX = new StringSerializer();

  private final KeyValueStore<String, Slice> slices;
  private final KeyValueStore<String, Reservation> reservations;
  private final KeyValueStore<String, Long> notes;

  StoreShelf(ProcessingContext context) {
    slices = context.getStateStore(StateStores.SLICES);
    reservations = context.getStateStore(StateStores.RESERVATIONS);
    notes = context.getStateStore(StateStores.NOTES);
  }

  @Override
  public @Nullable Slice slice(String pot) {
    return slices.get(pot);
  }

  @Override
  public void put(Slice slice) {
    slices.put(slice.getPot(), slice);
  }

  @Override
  public void drop(Slice slice) {
    slices.delete(slice.getPot());
  }

  @Override
  public List<Slice> slices() {
    var all = new ArrayList<Slice>();
    try (KeyValueIterator<String, Slice> entries = slices.all()) {
      entries.forEachRemaining(entry -> all.add(entry.value));
    }
    return all;
  }

  @Override
  public @Nullable Reservation reservation(String place) {
    return reservations.get(place);
  }

  @Override
  public void put(String place, Reservation reservation) {
    reservations.put(place, reservation);
  }

  @Override
  public void drop(String place) {
    reservations.delete(place);
  }

  @Override
  public void eachReservation(BiConsumer<String, Reservation> reader) {
    try (KeyValueIterator<String, Reservation> entries = reservations.all()) {
      entries.forEachRemaining(entry -> reader.accept(entry.key, entry.value));
    }
  }

  @Override
  public long note(String name) {
    Long value = notes.get(name);
    return value == null ? 0 : value;
  }

  @Override
  public void note(String name, long value) {
    if (value == 0) {
      notes.delete(name);
    } else {
      notes.put(name, value);
    }
  }

  @Override
  public List<String> notes(String prefix, int most) {
    var names = new ArrayList<String>();
    try (KeyValueIterator<String, Long> entries = notes.prefixScan(prefix, PREFIX)) {
      while (entries.hasNext() && names.size() < most) {
        names.add(entries.next().key);
      }
    }
    return names;
  }
}
