package io.penstock.topology.flow;

import io.penstock.schemas.avro.AttemptEvent;
import io.penstock.schemas.avro.BudgetGrant;
import io.penstock.schemas.avro.BudgetQuestion;
import io.penstock.schemas.avro.BudgetState;
import io.penstock.schemas.avro.Cancellation;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.JobTask;
import io.penstock.schemas.avro.Mark;
import io.penstock.schemas.avro.WindowEvent;
import org.apache.kafka.common.utils.Bytes;

/** What a stage passes on: a request that is still open, or something that leaves the topology. */
public sealed interface Step {
  /** To the next stage. */
  record Open(Pending pending) implements Step {}

  /** To the requester: its one terminal response. */
  record Reply(InferenceResponse response) implements Step {}

  /** To the ledger. */
  record Cost(CostEvent event) implements Step {}

  /** To the workers. */
  record Work(Dispatch dispatch) implements Step {}

  /** To a window, in which dispatches wait for others. */
  record Windowed(WindowEvent event) implements Step {}

  /** To the workers that see to jobs. */
  record Tasked(JobTask task) implements Step {}

  /** To the task of the fingerprint: what became of a dispatch that no worker has. */
  record Reported(AttemptEvent event) implements Step {}

  /** To all workers: nobody waits for a dispatch any more. */
  record Cancelled(Cancellation cancellation) implements Step {}

  /** To this task itself, behind everything that workers have reported to it. */
  record Marked(Mark mark) implements Step {}

  /** To the keeper of a tenant's accounts. */
  record Asked(BudgetQuestion question) implements Step {}

  /** To the task that asked. */
  record Granted(BudgetGrant grant) implements Step {}

  /** To whoever wants to know how a budget stands. */
  record Stands(BudgetState state) implements Step {}

  /** To the task that owns the record's right key; the bytes are the request as it came. */
  record Rekeyed(Bytes request) implements Step {}

  /** To the dead letters: the bytes that came, none where there were none. */
  record Dead(Bytes key, Bytes value) implements Step {}
}
