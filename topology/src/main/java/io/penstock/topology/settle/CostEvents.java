package io.penstock.topology.settle;

import io.penstock.policies.cost.Costing;
import io.penstock.policies.cost.OutputMean;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Provenance;
import io.penstock.schemas.avro.Usage;
import java.util.HashMap;
import java.util.Map;

/**
 * Cost events of attempts, and what estimates of the unreported ones learn from the reported. The
 * means are this task's own and begin anew with it: they only ever colour an estimate.
 */
final class CostEvents {
  private final Costing costing;
  private final Map<String, OutputMean> means = new HashMap<>();

  CostEvents(Costing costing) {
    this.costing = costing;
  }

  CostEvent spent(AttemptEnded ended) {
    CostEvent event = costing.spent(ended, mean(ended.getAttempt()));
    Usage usage = ended.getUsage();
    if (usage != null && event.getProvenance() == Provenance.REPORTED) {
      means.merge(
          ended.getAttempt().getModel(),
          OutputMean.UNKNOWN.with(usage),
          (known, one) -> known.with(usage));
    }
    return event;
  }

  CostEvent orphaned(Attempt attempt) {
    return costing.orphaned(attempt, mean(attempt));
  }

  private OutputMean mean(Attempt attempt) {
    return means.getOrDefault(attempt.getModel(), OutputMean.UNKNOWN);
  }
}
