package io.penstock.policies.limit;

import io.penstock.schemas.avro.Lane;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait for one model. Lanes share by their weights, the tenants of a lane alike,
 * both by tokens; the calls of one tenant go in the order they came. Somebody is next whenever
 * anybody waits. Not for more than one thread at a time.
 */
final class FairLine<W extends Waiting> {
  private final Turns<Lane> lanes;
  private final Map<Lane, OfLane<W>> byLane = new EnumMap<>(Lane.class);
  private int size;
  private long tokens;

  private static final class OfLane<W> {
    final Turns<String> tenants = new Turns<>(_ -> 1);
    final Map<String, ArrayDeque<W>> calls = new HashMap<>();
    int size;
  }

  /** Calls and their tokens. */
  record Load(long calls, long tokens) {}

  FairLine(LimitRules rules) {
    this.lanes = new Turns<>(rules::weight);
    for (Lane lane : Lane.values()) {
      byLane.put(lane, new OfLane<>());
    }
  }

  void add(W call) {
    OfLane<W> lane = of(call.lane());
    lane.calls.computeIfAbsent(call.tenant(), _ -> new ArrayDeque<>()).add(call);
    lane.tenants.join(call.tenant());
    lanes.join(call.lane());
    lane.size++;
    size++;
    tokens += call.tokens();
  }

  /** Who is next; null when nobody waits. */
  @Nullable W next() {
    Lane lane = lanes.next();
    return lane == null ? null : next(lane);
  }

  /** Who of a lane is next; null when nobody of it waits. */
  @Nullable W next(Lane lane) {
    OfLane<W> of = of(lane);
    String tenant = of.tenants.next();
    ArrayDeque<W> calls = tenant == null ? null : of.calls.get(tenant);
    return calls == null ? null : calls.peek();
  }

  /** A call that waits has its turn: it counts, and waits no longer. */
  void goes(W call) {
    long got = Math.max(1, call.tokens());
    lanes.got(call.lane(), got);
    of(call.lane()).tenants.got(call.tenant(), got);
    remove(call);
  }

  /** Whoever waits no longer, whether it went or not; false if it did not wait. */
  boolean remove(W call) {
    OfLane<W> lane = of(call.lane());
    ArrayDeque<W> calls = lane.calls.get(call.tenant());
    if (calls == null || !calls.remove(call)) {
      return false;
    }
    size--;
    tokens -= call.tokens();
    lane.size--;
    if (calls.isEmpty()) {
      lane.calls.remove(call.tenant());
      lane.tenants.leave(call.tenant());
    }
    if (lane.size == 0) {
      lanes.leave(call.lane());
    }
    return true;
  }

  /**
   * What of its lane goes before a call that waits, if none but calls of equal size did: of its own
   * tenant all that came before it, of each other one as many.
   */
  Load ahead(W call) {
    OfLane<W> lane = of(call.lane());
    long own = before(call, lane.calls.getOrDefault(call.tenant(), new ArrayDeque<>()));
    long calls = 0;
    long theirs = 0;
    for (Map.Entry<String, ArrayDeque<W>> each : lane.calls.entrySet()) {
      long most = each.getKey().equals(call.tenant()) ? own : own + 1;
      for (W other : each.getValue()) {
        if (most-- <= 0) {
          break;
        }
        calls++;
        theirs += other.tokens();
      }
    }
    return new Load(calls, theirs);
  }

  private static <W> long before(W call, ArrayDeque<W> calls) {
    long before = 0;
    for (W each : calls) {
      if (each.equals(call)) {
        return before;
      }
      before++;
    }
    return before;
  }

  /** All who wait. */
  Load load() {
    return new Load(size, tokens);
  }

  int size() {
    return size;
  }

  int size(Lane lane) {
    return of(lane).size;
  }

  private OfLane<W> of(Lane lane) {
    return Objects.requireNonNull(byLane.get(lane));
  }
}
