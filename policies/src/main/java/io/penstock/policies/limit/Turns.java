package io.penstock.policies.limit;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is among those who share something by weights: start-time fair queueing (Goyal, Vin
 * and Cheng 1996), which gives what deficit round robin gives, and needs no quantum. Each has a
 * start, that of the next thing it gets; who gets something moves its own on by the size over the
 * weight, and the earliest is next. Who comes, or comes back, starts no earlier than the one who
 * went last, so nobody saves up turns by staying away, and nobody gets rid of what it had by
 * leaving. Not for more than one thread at a time.
 */
final class Turns<K> {
  private static final int MOST_AWAY = 1024;

  private final ToIntFunction<K> weight;
  private final Map<K, Place<K>> places = new HashMap<>();
  private final TreeSet<Place<K>> waiting = new TreeSet<>();
  private final Map<K, Double> away = new HashMap<>();
  private double clock;
  private long order;

  private record Place<K>(double start, int weight, long order, K key)
      implements Comparable<Place<K>> {
    @Override
    public int compareTo(Place<K> other) {
      int earlier = Double.compare(start, other.start);
      int heavier = earlier != 0 ? earlier : Integer.compare(other.weight, weight);
      return heavier != 0 ? heavier : Long.compare(order, other.order);
    }
  }

  Turns(ToIntFunction<K> weight) {
    this.weight = weight;
  }

  /** It waits from now on, if it does not already. */
  void join(K key) {
    if (!places.containsKey(key)) {
      Double start = away.remove(key);
      put(key, start == null ? clock : Math.max(clock, start));
    }
  }

  /** It waits no longer. */
  void leave(K key) {
    Place<K> place = places.remove(key);
    if (place != null) {
      waiting.remove(place);
      if (place.start > clock) {
        remember(key, place.start);
      }
    }
  }

  private void remember(K key, double start) {
    if (away.size() >= MOST_AWAY) {
      away.values().removeIf(each -> each <= clock);
    }
    if (away.size() < MOST_AWAY) {
      away.put(key, start);
    }
  }

  /** Whose turn it is; null when nobody waits. */
  @Nullable K next() {
    return waiting.isEmpty() ? null : waiting.first().key;
  }

  /** It, who waits, got something of a size, be it out of turn. It waits for more. */
  void got(K key, long size) {
    Place<K> place = places.remove(key);
    if (place == null) {
      throw new IllegalArgumentException(key + " does not wait");
    }
    // Out of turn it must not take the clock along, or who comes next would stand behind all.
    clock = Math.max(clock, waiting.first().start);
    waiting.remove(place);
    put(key, place.start + (double) size / place.weight);
  }

  private void put(K key, double start) {
    var place = new Place<>(start, weight.applyAsInt(key), order++, key);
    places.put(key, place);
    waiting.add(place);
  }
}
