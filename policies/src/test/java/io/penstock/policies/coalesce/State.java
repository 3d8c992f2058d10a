package io.penstock.policies.coalesce;

import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.Follower;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What the topology stores about one fingerprint: flights, and followers by group and requester.
 */
record State(Flights flights, Map<String, Map<String, Follower>> followers) {
  static final State EMPTY = new State(SingleFlight.none(), Map.of());

  State with(Flights flights) {
    return new State(flights, followers);
  }

  State with(String group, Follower follower) {
    return withGroup(
        group,
        waiting -> {
          waiting.put(History.requester(follower.getRequest()), follower);
          return waiting;
        });
  }

  State without(String group) {
    var fewer = new LinkedHashMap<>(followers);
    fewer.remove(group);
    return new State(flights, fewer);
  }

  State withGroup(String group, UnaryOperator<Map<String, Follower>> change) {
    var changed = new LinkedHashMap<>(followers);
    changed.put(group, change.apply(new LinkedHashMap<>(followers.getOrDefault(group, Map.of()))));
    return new State(flights, changed);
  }

  /** Without followers whose group no flight knows: their {@link Effect.Forget} was lost. */
  State tidied() {
    var known = new LinkedHashMap<>(followers);
    known.keySet().retainAll(SingleFlight.groups(flights));
    return new State(flights, known);
  }

  List<Follower> followersOf(String group) {
    return List.copyOf(followers.getOrDefault(group, Map.of()).values());
  }

  boolean waits(String requester) {
    return followers.values().stream().anyMatch(group -> group.containsKey(requester));
  }
}
