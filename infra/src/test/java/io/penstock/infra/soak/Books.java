package io.penstock.infra.soak;

import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Provenance;
import java.math.BigInteger;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the billing topic says, the highest revision of each event counting. */
record Books(Collection<CostEvent> valid) {

  static Books of(List<CostEvent> events) {
    Map<String, CostEvent> byId = new HashMap<>();
    for (CostEvent event : events) {
      byId.merge(
          event.getEventId(),
          event,
          (old, latest) -> latest.getRevision() > old.getRevision() ? latest : old);
    }
    return new Books(byId.values());
  }

  BigInteger spent(Set<Provenance> provenances) {
    return valid.stream()
        .filter(event -> provenances.contains(event.getProvenance()))
        .filter(event -> event.getSpentPicoUsd() != null)
        .map(event -> BigInteger.valueOf(event.getSpentPicoUsd()))
        .reduce(BigInteger.ZERO, BigInteger::add);
  }

  /** Events of attempts; the others tell of answers that needed none. */
  long attempts() {
    return valid.stream().filter(event -> event.getAttemptId() != null).count();
  }

  long events(Provenance provenance) {
    return valid.stream().filter(event -> event.getProvenance() == provenance).count();
  }
}
