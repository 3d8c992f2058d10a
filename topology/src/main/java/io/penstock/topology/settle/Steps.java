package io.penstock.topology.settle;

import io.penstock.policies.coalesce.Effect;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.coalesce.Transition;
import io.penstock.schemas.avro.Flights;
import io.penstock.topology.coalesce.InFlight;
import io.penstock.topology.dispatch.Dispatches;
import io.penstock.topology.flow.Exits;

/** Writes what the law decided, and then carries it out. Used by the stream thread only. */
final class Steps {
  private final InFlight inFlight;
  private final Exits exits;
  private final Accounts accounts;
  private final Release release;

  Steps(InFlight inFlight, Exits exits, Accounts accounts, Release release) {
    this.inFlight = inFlight;
    this.exits = exits;
    this.accounts = accounts;
    this.release = release;
  }

  void take(String fingerprint, Flights before, Transition step) {
    inFlight.write(fingerprint, before, step);
    for (Effect effect : step.effects()) {
      switch (effect) {
        case Effect.Emit(var flight) -> exits.work(Dispatches.of(fingerprint, flight));
        case Effect.Release answered -> release.release(fingerprint, answered);
        case Effect.WriteOff(var attempt) -> exits.cost(accounts.orphaned(attempt));
        case Effect.Promote promote -> inFlight.promote(fingerprint, promote);
        case Effect.Forget(var group) -> inFlight.forget(fingerprint, group);
        case Effect.Cancel cancel -> exits.cancel(cancel.flight(), cancel.at());
        case Effect.Dismiss(var group, var follower) -> {
          inFlight.follow(fingerprint, group, follower);
          release.dismiss(fingerprint, follower);
        }
      }
    }
  }

  SingleFlight.FollowersOf followersAt(String fingerprint) {
    return group -> inFlight.followers(fingerprint, group);
  }
}
