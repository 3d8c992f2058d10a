package io.penstock.workers.provider;

import io.penstock.policies.calling.BreakerRules;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The gates of all models. Requesters choose the names of models, so no more are kept than {@link
 * #MOST}: the one that was called for longest ago goes first. For any thread.
 */
final class Gates {
  static final int MOST = 1024;

  private final BreakerRules rules;
  private final InstantSource clock;
  private final LinkedHashMap<Key, Gate> gates = new LinkedHashMap<>(16, 0.75f, true);
  private volatile Consumer<Standing> changed = _ -> {};

  private record Key(String provider, String model) {}

  Gates(BreakerRules rules, InstantSource clock) {
    this.rules = rules;
    this.clock = clock;
  }

  /** Has {@code watcher} told of each change of a breaker; it must not block. */
  void watch(Consumer<Standing> watcher) {
    changed = watcher;
  }

  synchronized Gate of(String provider, String model) {
    Gate gate =
        gates.computeIfAbsent(
            new Key(provider, model),
            _ ->
                new Gate(
                    provider,
                    model,
                    rules,
                    clock,
                    standing -> changed.accept(standing),
                    Gate.LONGEST_NAP));
    if (gates.size() > MOST) {
      gates.pollFirstEntry();
    }
    return gate;
  }

  List<Standing> standings() {
    List<Gate> all;
    synchronized (this) {
      all = new ArrayList<>(gates.values());
    }
    return all.stream().map(Gate::standing).toList();
  }

  /** Forgets what has not been called for since {@code then}. */
  synchronized void forget(Instant then) {
    while (!gates.isEmpty()) {
      Map.Entry<Key, Gate> eldest = gates.firstEntry();
      if (eldest.getValue().standing().usedAt().isAfter(then)) {
        return;
      }
      gates.pollFirstEntry();
    }
  }
}
