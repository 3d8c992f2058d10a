package io.penstock.policies.coalesce;

import io.penstock.schemas.Money;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptRenewed;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.DispatchDropped;
import io.penstock.schemas.avro.Flight;
import io.penstock.schemas.avro.Flights;
import io.penstock.schemas.avro.Follower;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The topology's task for one fingerprint, as the guarantees assume it: state is durable as soon as
 * it is written, input is read again from the last commit, and output that no commit covers may or
 * may not have left.
 */
final class Task {
  private static final int DUE_AT_ONE_INSTANT = 10;

  private final SingleFlight law;
  private final Random random;
  private final History history;
  private final Consumer<Output.Work> workers;

  // Durable.
  private final Input<InferenceRequest> requests = new Input<>();
  private final Input<Object> results = new Input<>();
  private final Map<String, Map<String, Follower>> followers = new LinkedHashMap<>();
  private Flights flights = SingleFlight.none();

  // Lost in a crash.
  private final List<Output> held = new ArrayList<>();

  Task(SingleFlight law, Random random, History history, Consumer<Output.Work> workers) {
    this.law = law;
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

  /** Requests that have heard nothing yet. */
  List<InferenceRequest> waiting() {
    Flight open = flights.getOpen();
    if (open == null) {
      return List.of();
    }
    return Stream.concat(
            Stream.of(open.getLeader()),
            followersOf(open.getGroup()).stream()
                .filter(follower -> !follower.getEcho())
                .map(Follower::getRequest))
        .toList();
  }

  boolean idle() {
    return requests.drained()
        && results.drained()
        && flights.equals(SingleFlight.none())
        && followers.isEmpty();
  }

  /** Reads everything there is, in any order of the two topics. */
  void poll(Instant now) {
    while (!requests.drained() || !results.drained()) {
      boolean request = results.drained() || (!requests.drained() && random.nextBoolean());
      if (request) {
        boolean again = requests.nextIsReadAgain();
        read(requests.next(), again, now);
      } else {
        boolean again = results.nextIsReadAgain();
        read(results.next(), again, now);
      }
    }
  }

  /** The clock's part: due as often as the policy asks for it. */
  void tick(Instant now) {
    for (int i = 0; law.nextDue(flights).filter(due -> !due.isAfter(now)).isPresent(); i++) {
      if (i == DUE_AT_ONE_INSTANT) {
        throw new AssertionError("due changes nothing and is due again: " + flights);
      }
      apply("due", law.due(flights, this::followersOf, now), false);
    }
  }

  void commit() {
    requests.commit();
    results.commit();
    held.forEach(this::deliver);
    held.clear();
  }

  void crash(Instant now) {
    history.note(now + " CRASH, losing " + held);
    requests.rewind();
    results.rewind();
    held.clear();
  }

  void restore(Instant crashedAt, Instant now) {
    Instant newest = SingleFlight.newest(flights);
    // Other fingerprints of the task may have seen later instants, up to the crash itself.
    Instant known = random.nextBoolean() ? newest : crashedAt;
    apply(now + " restored", law.restored(flights, known, now), true);
  }

  private void read(InferenceRequest request, boolean again, Instant now) {
    String requester = History.requester(request);
    boolean waits = followers.values().stream().anyMatch(group -> group.containsKey(requester));
    Flight open = flights.getOpen();
    if (SingleFlight.leads(flights, request) || waits) {
      return;
    }
    if (open != null) {
      history.note(now + " " + requester + " follows " + open.getDispatchId());
      followers
          .computeIfAbsent(open.getGroup(), group -> new LinkedHashMap<>())
          .put(requester, SingleFlight.follow(open, request, Lane.STANDARD));
    } else {
      apply(
          now + " " + requester + " leads",
          law.lead(flights, request, Lane.STANDARD, Story.PLAN, now),
          again);
    }
  }

  private void read(Object result, boolean again, Instant now) {
    Transition step =
        switch (result) {
          case AttemptStarted started -> law.started(flights, started, now);
          case AttemptRenewed renewed -> law.renewed(flights, renewed, now);
          case AttemptEnded ended -> {
            send(new Output.Spent(ended.getAttempt().getId()));
            yield law.ended(flights, ended, Money.ZERO, this::followersOf, now);
          }
          case DispatchDropped dropped -> law.dropped(flights, dropped, this::followersOf, now);
          default -> throw new IllegalArgumentException("no result: " + result);
        };
    apply(now + (again ? " again " : " ") + brief(result), step, again);
  }

  private void apply(String what, Transition step, boolean again) {
    history.note(what);
    flights = step.next();
    for (Effect effect : step.effects()) {
      switch (effect) {
        case Effect.Emit(Flight flight) -> {
          if (again) {
            throw new AssertionError("a second look emits " + flight.getDispatchId());
          }
          if (Leases.anyHeld(flight.getLive()) || flight.getRetryBy() != null) {
            throw new AssertionError("emitted while another attempt is live: " + flight);
          }
          send(
              new Output.Work(
                  flight.getDispatchId(), flight.getAttempts() + 1, flight.getDeadlineAt()));
        }
        case Effect.Release release -> release(release);
        case Effect.WriteOff(var attempt) -> send(new Output.Estimated(attempt));
        case Effect.Promote promote -> promote(promote);
        case Effect.Forget(String group) -> {
          history.note("  forget " + group);
          followers.remove(group);
        }
      }
    }
  }

  private void release(Effect.Release release) {
    String outcome =
        switch (release.outcome()) {
          case Effect.Outcome.Answered(var ended) -> "answer of " + ended.getAttempt().getId();
          case Effect.Outcome.Failed(var failure) -> failure.getCode() + " " + failure.getMessage();
        };
    InferenceRequest leader = release.settled().getLeader();
    if (leader == null) {
      throw new AssertionError("released although nobody waits: " + release);
    }
    send(new Output.Response(leader, outcome));
    followersOf(release.settled().getGroup()).stream()
        .filter(release::answers)
        .forEach(follower -> send(new Output.Response(follower.getRequest(), outcome)));
  }

  private void promote(Effect.Promote promote) {
    Map<String, Follower> group = followersIn(promote.group());
    group.remove(History.requester(promote.follower().getRequest()));
    group.replaceAll(
        (requester, other) ->
            promote.echoes(other)
                ? new Follower(other.getRequest(), other.getLane(), true)
                : other);
  }

  private List<Follower> followersOf(String group) {
    return List.copyOf(followersIn(group).values());
  }

  private Map<String, Follower> followersIn(String group) {
    return followers.getOrDefault(group, Map.of());
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
      workers.accept(work);
    }
  }

  private static String brief(Object result) {
    return switch (result) {
      case AttemptStarted started -> "started " + started.getAttempt().getId();
      case AttemptRenewed renewed -> "renewed " + renewed.getAttemptId();
      case AttemptEnded ended ->
          "ended " + ended.getAttempt().getId() + " retry " + ended.getRetryAfterMs();
      case DispatchDropped dropped -> "dropped " + dropped.getDispatchId();
      default -> throw new IllegalArgumentException("no result: " + result);
    };
  }
}
