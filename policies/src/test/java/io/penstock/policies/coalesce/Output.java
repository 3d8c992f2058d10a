package io.penstock.policies.coalesce;

import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.InferenceRequest;
import java.time.Instant;

/** A record that leaves the topology. Until a commit covers it, a crash may lose it. */
sealed interface Output {
  record Work(String dispatchId, int firstAttempt, Instant deadlineAt) implements Output {}

  record Response(InferenceRequest request, String outcome) implements Output {}

  record Cancelled(String dispatchId) implements Output {}

  record Spent(String attemptId) implements Output {}

  record Estimated(Attempt attempt) implements Output {}
}
