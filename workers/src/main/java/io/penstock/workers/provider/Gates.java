package io.penstock.workers.provider;

import io.penstock.policies.calling.BreakerRules;
import io.penstock.policies.limit.LimitRules;
import io.penstock.policies.limit.Traffic;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The gates of all models. Requesters choose the names of models, so no more are kept than {@link
 * #MOST}: the one that was called for longest ago goes first. For any thread.
 */
final class Gates {
  static final int MOST = 1024;

  private final BreakerRules rules;
  private final LimitRules limits;
  private final InstantSource clock;
  private final LinkedHashMap<Key, Gate> gates = new LinkedHashMap<>(16, 0.75f, true);
  private volatile Consumer<Standing> changed = _ -> {};

  private record Key(String provider, String model) {}

  Gates(BreakerRules rules, LimitRules limits, InstantSource clock) {
    this.rules = rules;
    this.limits = limits;
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
                    limits,
                    clock,
                    standing -> changed.accept(standing),
                    Gate.LONGEST_NAP));
    if (gates.size() > MOST) {
      gates.pollFirstEntry();
    }
    return gate;
  }

  /** The calls of a model, if any were made of late. */
  Optional<Traffic> traffic(String provider, String model) {
    Gate gate;
    synchronized (this) {
      // To get it would count as use, and keep it from being forgotten.
      gate =
          gates.sequencedEntrySet().stream()
              .filter(each -> each.getKey().equals(new Key(provider, model)))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElse(null);
    }
    return Optional.ofNullable(gate).map(Gate::traffic);
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
