package io.penstock.policies.coalesce;

import io.penstock.schemas.avro.Flights;
import java.util.List;

/**
 * One step of a fingerprint's in-flight state.
 *
 * @param next the state to write before any effect is carried out
 * @param effects in the order to carry them out
 */
public record Transition(Flights next, List<Effect> effects) {
  public Transition {
    effects = List.copyOf(effects);
  }

  static Transition to(Flights next, Effect... effects) {
    return new Transition(next, List.of(effects));
  }

  /** True when nothing is in flight and nothing needs repeating: the entry can be deleted. */
  public boolean forgotten() {
    return next.getOpen() == null && next.getSettled().isEmpty();
  }
}
