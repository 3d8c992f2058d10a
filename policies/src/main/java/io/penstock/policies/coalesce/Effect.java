package io.penstock.policies.coalesce;

import io.penstock.policies.exactcache.Freshness;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Follower;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Settled;
import java.time.Instant;

/** What must be done once a new state of the in-flight store is written. */
public sealed interface Effect {

  /** Hand the flight's dispatch to workers. */
  record Emit(Flight flight) implements Effect {}

  /** Answer the leader, and those of its group whom this {@link #answers}. */
  record Release(Settled settled, Outcome outcome) implements Effect {
    /**
     * Whether a follower of the group hears this outcome. A request hears one thing however often
     * it was sent, so an echo shares the fate of the leader it repeats, and nothing else. A crash
     * may leave the leader among its own followers, between two writes of its promotion: it has
     * heard.
     */
    public boolean answers(Follower follower) {
      if (follower.getWithdrawnAt() != null) {
        return false; // It has been told already.
      }
      InferenceRequest leader = settled.getLeader();
      InferenceRequest waiting = follower.getRequest();
      if (leader == null || !leader.getId().equals(waiting.getId())) {
        return !(settled.getAlone() || follower.getEcho());
      }
      return !SingleFlight.same(leader, waiting);
    }

    /**
     * Why a follower that this answers gets no answer: as its leader, unless that is the leader's
     * own affair. Whoever could lead then does; who is left wanted no call, or came too late.
     */
    public Failure failureOf(Follower follower, Failure ofLeader) {
      InferenceRequest leader = settled.getLeader();
      boolean shared =
          leader == null || Succession.concerns(ofLeader, leader, follower.getRequest());
      return shared ? ofLeader : Freshness.notCached(follower.getRequest()).orElse(Watch.DEADLINE);
    }
  }

  /** Tell whoever calls for the flight's dispatch that nobody waits for it. */
  record Cancel(Flight flight, Instant at) implements Effect {}

  /** A follower no longer wants the answer: remember that, and tell it so. */
  record Dismiss(String group, Follower follower) implements Effect {}

  /** Account for an attempt whose worker vanished, by estimate. */
  record WriteOff(Attempt attempt) implements Effect {}

  /** A follower has become the leader and waits no longer. */
  record Promote(String group, Follower follower) implements Effect {
    /** Whether another follower repeats the new leader, and so has become its echo. */
    public boolean echoes(Follower other) {
      return !other.getEcho() && other.getRequest().getId().equals(follower.getRequest().getId());
    }
  }

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
