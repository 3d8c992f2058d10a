package io.penstock.policies.budget;

import io.penstock.policies.Reason;
import io.penstock.policies.budget.Treasury.Spender;
import io.penstock.policies.budget.Treasury.Spent;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.BudgetGrant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A task that spends, in a {@link BudgetWalk}: it takes requests, hands out what it has money for
 * and settles what has ended. It may die between any two writes.
 */
final class WalkingTask {
  private final BudgetWorld world;
  private final List<WalkingTask> tasks;
  private final WalkingKeeper keeper;
  private final int number;
  final MapShelf shelf = new MapShelf();
  private final Partition<Dispatch> requests = new Partition<>();
  final Partition<Ended> results = new Partition<>();
  final Partition<BudgetGrant> grants = new Partition<>();

  /** What is in flight: durable, as single flight keeps it. */
  private final Set<Dispatch> open = new LinkedHashSet<>();

  private final Set<Dispatch> ever = new HashSet<>();
  private final Map<String, Dispatch> byPlace = new HashMap<>();
  private final Set<String> handedOut = new HashSet<>();
  private final Set<String> ended = new HashSet<>();
  private final List<Runnable> held = new ArrayList<>();
  private Treasury treasury;
  private boolean takenOver;

  /** One dispatch: what it may cost, and what its attempts will. */
  static final class Dispatch {
    final WalkingTask task;
    final Spender spender;
    final long amount;
    final Instant deadlineAt;
    private int attempts;

    private Dispatch(WalkingTask task, Spender spender, long amount, Instant deadlineAt) {
      this.task = task;
      this.spender = spender;
      this.amount = amount;
      this.deadlineAt = deadlineAt;
    }

    private String nextAttempt() {
      return spender.place() + "#" + (attempts + 1);
    }
  }

  /** What is told of the end of a call. */
  record Ended(Dispatch dispatch, String attemptId, long cost, boolean again, boolean guessed) {}

  /**
   * @param tasks all that there are, this one too
   */
  WalkingTask(BudgetWorld world, List<WalkingTask> tasks, WalkingKeeper keeper, int number) {
    this.world = world;
    this.tasks = tasks;
    this.keeper = keeper;
    this.number = number;
    this.treasury = new Treasury(world.budgets, shelf, number);
  }

  void ask() {
    world.asked++;
    var spender =
        new Spender(
            "f/d" + world.asked, BudgetWorld.TENANT, world.random.nextInt(3) == 0 ? "k1" : "k2");
    requests.add(
        new Dispatch(
            this,
            spender,
            1 + world.random.nextLong(20),
            world.now.plusMillis(500 + world.random.nextInt(20_000))));
  }

  boolean idle() {
    return drained() && open.isEmpty();
  }

  private boolean drained() {
    return requests.drained() && results.drained() && grants.drained();
  }

  /** How many calls it has made. */
  int handedOut() {
    return handedOut.size();
  }

  /** Those that wait for money. */
  List<Dispatch> waiting() {
    return open.stream().filter(d -> treasury.holdsBack(d.spender.place())).toList();
  }

  void live() {
    try {
      while (!drained()) {
        readOne();
      }
      handOutWhatWasLost();
      look();
      treasury.questions(1_000, world.now).forEach(q -> send(() -> keeper.hear(q)));
      treasury.forget(1_000, world.now);
    } catch (MapShelf.Interrupted e) {
      crash();
    }
  }

  private void readOne() {
    switch (world.random.nextInt(3)) {
      case 0 -> {
        if (!requests.drained()) {
          request(requests.next());
          requests.read();
        }
      }
      case 1 -> {
        if (!results.drained()) {
          result(results.next());
          results.read();
        }
      }
      default -> {
        if (!grants.drained()) {
          treasury.granted(grants.next());
          grants.read();
          look();
        }
      }
    }
  }

  private void request(Dispatch dispatch) {
    if (ever.add(dispatch)) {
      open.add(dispatch);
      byPlace.put(dispatch.spender.place(), dispatch);
      emit(dispatch);
    }
  }

  private void emit(Dispatch dispatch) {
    if (treasury.handsOut(
        dispatch.spender, new Money(dispatch.amount), dispatch.deadlineAt, world.now)) {
      String attemptId = dispatch.nextAttempt();
      world.say("task " + number + " hands out " + attemptId + " for " + dispatch.amount);
      send(() -> {
        if (handedOut.add(attemptId)) {
          world.calls.add(new BudgetWorld.Call(dispatch, attemptId));
        }
      });
    }
  }

  /** First what it cost, then what is in flight: money comes free no sooner than it is counted. */
  private void result(Ended event) {
    Dispatch dispatch = event.dispatch();
    var spent =
        new Spent(
            dispatch.spender,
            event.attemptId(),
            new Money(event.cost()),
            event.guessed(),
            BudgetWorld.NOON);
    boolean ends = !event.again() || !open.contains(dispatch);
    treasury.settle(
        List.of(spent), ends ? List.of(dispatch.spender.place()) : List.of(), world.now);
    if (ends) {
      open.remove(dispatch);
    }
    if (ended.add(event.attemptId())) {
      dispatch.attempts++;
      if (!ends) {
        emit(dispatch);
      }
    }
  }

  private void look() {
    for (Treasury.Ripe ripe : treasury.ripe(1_000, world.now)) {
      Dispatch dispatch = Objects.requireNonNull(byPlace.get(ripe.place()));
      switch (ripe.verdict()) {
        case Verdict.Go _ -> emit(dispatch);
        case Verdict.Refused(var failure) -> {
          world.say(ripe.place() + " is refused: " + failure.getMessage());
          refusedRightly(dispatch, failure.getCode());
          treasury.settle(List.of(), List.of(ripe.place()), world.now);
          open.remove(dispatch);
        }
        case Verdict.Wait _ -> throw new AssertionError("nothing is said of who waits on");
      }
    }
  }

  private void refusedRightly(Dispatch dispatch, String code) {
    if (code.equals(Reason.BUDGET_BUSY.code())) {
      if (world.now.isBefore(dispatch.deadlineAt)) {
        throw new AssertionError("refused before its deadline");
      }
    } else if (!world.orphans && world.hasMoneyFor(dispatch)) {
      throw new AssertionError("refused although there is enough: " + dispatch.spender);
    }
  }

  private void send(Runnable output) {
    if (world.random.nextBoolean()) {
      output.run();
    } else {
      held.add(output);
    }
  }

  void commit() {
    requests.commit();
    results.commit();
    grants.commit();
    held.forEach(Runnable::run);
    held.clear();
  }

  /** What was not committed is read again; what is durable stays; what was held may be lost. */
  private void crash() {
    world.say("task " + number + " dies");
    held.clear();
    requests.crash();
    results.crash();
    grants.crash();
    shelf.crash();
    // The others live on meanwhile, and commit as always.
    tasks.stream().filter(other -> other != this).forEach(WalkingTask::commit);
    world.now = world.now.plusMillis(world.random.nextInt(10_000));
    world.enoughSince = world.now;
    treasury = new Treasury(world.budgets, shelf, number);
    treasury.restored(world.now);
    treasury.reconcile(place -> open.contains(byPlace.get(place)), world.now);
    takenOver = true;
  }

  /** Whatever was lost goes out again, once everything has been read that was there. */
  private void handOutWhatWasLost() {
    for (Dispatch dispatch : List.copyOf(open)) {
      if (takenOver && !handedOut.contains(dispatch.nextAttempt())) {
        emit(dispatch);
      }
    }
    takenOver = false;
  }
}
