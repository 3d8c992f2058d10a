package io.penstock.policies.coalesce;

import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Follower;
import io.penstock.schemas.avro.Settled;

/** What must be done once a new state of the in-flight store is written. */
public sealed interface Effect {

  /** Hand the flight's dispatch to workers. */
  record Emit(Flight flight) implements Effect {}

  /** Answer the leader, and its followers unless it is {@code alone}. */
  record Release(Settled settled, Outcome outcome) implements Effect {}

  /** Account for an attempt whose worker vanished, by estimate. */
  record WriteOff(Attempt attempt) implements Effect {}

  /** A follower has become the leader and waits no longer. */
  record Promote(String group, Follower follower) implements Effect {}

  /** Nothing of this group can be needed again. */
  record Forget(String group) implements Effect {}

  /** How a dispatch ended for those who waited for it. */
  sealed interface Outcome {
    /** With an answer; {@code ended} holds it. */
    record Answered(AttemptEnded ended) implements Outcome {}

    /** Without one. */
    record Failed(Failure failure) implements Outcome {}
  }
}
