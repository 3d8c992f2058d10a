package io.penstock.policies.coalesce;

import io.penstock.schemas.Money;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptRenewed;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.DispatchDropped;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Follower;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Withdrawal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The topology's task for one fingerprint, as the guarantees assume it: state is durable when it is
 * written, input is read again from the last commit, and output that no commit covers may or may
 * not have left.
 */
final class Task {
  private static final int DUE_AT_ONE_INSTANT = 10;

  private final SingleFlight law;
  private final Faults faults;
  private final Random random;
  private final History history;
  private final Workers workers;

  private final Input<InferenceRequest> requests = new Input<>();
  private final Input<Object> results = new Input<>();
  private final Input<Withdrawal> withdrawals = new Input<>();
  private State state = State.EMPTY;
  private final List<State> written = new ArrayList<>(List.of(state));
  private final List<Output> held = new ArrayList<>();

  Task(SingleFlight law, Faults faults, Random random, History history, Workers workers) {
    this.law = law;
    this.faults = faults;
    this.random = random;
    this.history = history;
    this.workers = workers;
  }

  void submit(InferenceRequest request) {
    history.asked.add(History.requester(request));
    requests.add(request);
  }

  void publish(Object result) {
    results.add(result);
  }

  void withdraw(InferenceRequest request, Instant now) {
    history.withdrawn.add(request.getId());
    history.note(now + " " + request.getId() + " withdraws");
    withdrawals.add(
        new Withdrawal(
            request.getId(), request.getTenant(), request.getReplyPartition(), now, false));
  }

  /** Requests that have heard nothing yet, and want to. */
  List<InferenceRequest> waiting() {
    Flight open = state.flights().getOpen();
    if (open == null) {
      return List.of();
    }
    return Stream.concat(
            Stream.of(open.getLeader()),
            state.followersOf(open.getGroup()).stream()
                .filter(follower -> !follower.getEcho())
                .map(Follower::getRequest))
        .filter(request -> !history.withdrawn.contains(request.getId()))
        .toList();
  }

  boolean idle() {
    return drained() && state.equals(State.EMPTY);
  }

  private boolean drained() {
    return requests.drained() && results.drained() && withdrawals.drained();
  }

  /** Reads everything there is, in any order of the topics. */
  void poll(Instant now) {
    while (!drained()) {
      switch (random.nextInt(3)) {
        case 0 -> {
          if (!requests.drained()) {
            boolean again = requests.nextIsReadAgain();
            read(requests.next(), again, now);
          }
        }
        case 1 -> {
          if (!results.drained()) {
            boolean again = results.nextIsReadAgain();
            read(results.next(), again, now);
          }
        }
        default -> {
          if (!withdrawals.drained()) {
            boolean again = withdrawals.nextIsReadAgain();
            Withdrawal event = withdrawals.next();
            apply(
                now + (again ? " again" : "") + " withdrawal of " + event.getRequestId(),
                law.withdrawn(state.flights(), event, state::followersOf),
                again);
          }
        }
      }
    }
  }

  /** The clock's part: due as often as the policy asks for it. */
  void tick(Instant now) {
    for (int i = 0;
        law.nextDue(state.flights()).filter(due -> !due.isAfter(now)).isPresent();
        i++) {
      if (i == DUE_AT_ONE_INSTANT) {
        throw new AssertionError("due changes nothing and is due again: " + state.flights());
      }
      apply(now + " due", law.due(state.flights(), state::followersOf, now), false);
    }
  }

  void commit() {
    requests.commit();
    results.commit();
    withdrawals.commit();
    held.forEach(this::deliver);
    held.clear();
    written.clear();
    written.add(state);
  }

  void crash(Instant now) {
    history.note(now + " crash, losing " + held.size() + " records");
    requests.rewind();
    results.rewind();
    withdrawals.rewind();
    held.clear();
    if (faults.stateLags()) {
      state = written.get(random.nextInt(written.size()));
      history.note("  and state since " + SingleFlight.newest(state.flights()));
      written.clear();
      written.add(state);
    }
  }

  void restore(Instant crashedAt, Instant now) {
    write(state.tidied());
    // Other fingerprints of the task may have seen later instants, up to the crash itself.
    Instant known = random.nextBoolean() ? SingleFlight.newest(state.flights()) : crashedAt;
    apply(now + " restored", law.restored(state.flights(), known, flight -> false, now), true);
  }

  private void read(InferenceRequest request, boolean again, Instant now) {
    String requester = History.requester(request);
    if (SingleFlight.leads(state.flights(), request) || state.waits(requester)) {
      return;
    }
    Flight open = state.flights().getOpen();
    if (open != null) {
      history.note(now + " " + requester + " follows " + open.getDispatchId());
      write(state.with(open.getGroup(), SingleFlight.follow(open, request, Lane.STANDARD)));
    } else {
      apply(
          now + " " + requester + " leads",
          law.lead(state.flights(), request, Lane.STANDARD, Story.PLAN, null, now),
          again);
    }
  }

  private void read(Object result, boolean again, Instant now) {
    Transition step =
        switch (result) {
          case AttemptStarted started -> law.started(state.flights(), started, now);
          case AttemptRenewed renewed -> law.renewed(state.flights(), renewed, now);
          case AttemptEnded ended -> {
            send(new Output.Spent(ended.getAttempt().getId()));
            yield law.ended(state.flights(), ended, Money.ZERO, state::followersOf, now);
          }
          case DispatchDropped dropped ->
              law.dropped(state.flights(), dropped, state::followersOf, now);
          default -> throw new IllegalArgumentException("no result: " + result);
        };
    apply(now + (again ? " again " : " ") + History.brief(result), step, again);
  }

  private void apply(String what, Transition step, boolean again) {
    history.note(what);
    write(state.with(step.next()));
    for (Effect effect : step.effects()) {
      switch (effect) {
        case Effect.Emit(Flight flight) -> emit(flight, again);
        case Effect.Release release -> release(release);
        case Effect.WriteOff(var attempt) -> send(new Output.Estimated(attempt));
        case Effect.Promote promote -> promote(promote);
        case Effect.Cancel(Flight flight, var _) ->
            send(new Output.Cancelled(flight.getDispatchId()));
        case Effect.Dismiss(String group, Follower follower) -> {
          write(state.with(group, follower));
          send(new Output.Response(follower.getRequest(), "withdrawn"));
        }
        case Effect.Forget(String group) -> write(state.without(group));
      }
    }
  }

  private void emit(Flight flight, boolean again) {
    if (again && !faults.stateLags()) {
      throw new AssertionError("a second look emits " + flight.getDispatchId());
    }
    if (Leases.anyHeld(flight.getLive()) || flight.getRetryBy() != null) {
      throw new AssertionError("emitted while another attempt is live: " + flight);
    }
    send(new Output.Work(flight.getDispatchId(), flight.getAttempts() + 1, flight.getDeadlineAt()));
  }

  private void release(Effect.Release release) {
    InferenceRequest leader = release.settled().getLeader();
    if (leader == null) {
      throw new AssertionError("released although nobody waits: " + release);
    }
    String settledBy = release.settled().getSettledBy();
    if (release.outcome() instanceof Effect.Outcome.Failed
        && history.started.containsKey(settledBy)
        && faults.nothingHidden()
        && workers.tries(release.settled().getDispatchId())) {
      throw new AssertionError(settledBy + " ends what another attempt still tries");
    }
    String outcome = History.brief(release.outcome());
    send(new Output.Response(leader, outcome));
    state.followersOf(release.settled().getGroup()).stream()
        .filter(release::answers)
        .forEach(follower ->
            send(new Output.Response(follower.getRequest(), outcomeOf(follower, release))));
  }

  private static String outcomeOf(Follower follower, Effect.Release release) {
    return release.outcome() instanceof Effect.Outcome.Failed(Failure failure)
            && !follower.getEcho()
        ? History.brief(new Effect.Outcome.Failed(release.failureOf(follower, failure)))
        : History.brief(release.outcome());
  }

  private void promote(Effect.Promote promote) {
    write(
        state.withGroup(
            promote.group(),
            waiting -> {
              waiting.remove(History.requester(promote.follower().getRequest()));
              waiting.replaceAll((requester, other) ->
                  promote.echoes(other)
                      ? new Follower(
                          other.getRequest(), other.getLane(), true, other.getWithdrawnAt())
                      : other);
              return waiting;
            }));
  }

  private void write(State next) {
    state = next;
    written.add(next);
  }

  private void send(Output output) {
    if (random.nextBoolean()) {
      deliver(output);
    } else {
      held.add(output);
    }
  }

  private void deliver(Output output) {
    history.seen(output);
    if (output instanceof Output.Work work) {
      workers.offer(work);
    } else if (output instanceof Output.Cancelled cancelled) {
      workers.cancel(cancelled.dispatchId());
    }
  }
}
