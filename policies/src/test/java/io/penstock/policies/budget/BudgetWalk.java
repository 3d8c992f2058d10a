package io.penstock.policies.budget;

import io.penstock.policies.budget.BudgetWorld.Call;
import io.penstock.policies.budget.WalkingTask.Dispatch;
import io.penstock.policies.budget.WalkingTask.Ended;
import io.penstock.schemas.avro.Account;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A random history of a few tasks that spend from the same budgets: questions and answers come
 * late, twice or not at all, and tasks and the keeper of the accounts die between any two writes.
 * What counts is what the world sees: calls that were made, and what they cost.
 */
final class BudgetWalk {
  /** How long money may be there before whoever waits for it has it, when nothing crashes. */
  private static final Duration PROMPTLY = Duration.ofSeconds(6);

  private final BudgetWorld world;
  private final Random random;
  private final boolean retries;
  private final int crashPercent;
  private final List<WalkingTask> tasks = new ArrayList<>();
  private final WalkingKeeper keeper;

  BudgetWalk(
      long seed, Budgets budgets, int tasks, boolean retries, boolean orphans, int crashPercent) {
    this.world = new BudgetWorld(seed, budgets, orphans);
    this.random = world.random;
    this.retries = retries;
    this.crashPercent = crashPercent;
    this.keeper = new WalkingKeeper(world, this.tasks);
    for (int i = 0; i < tasks; i++) {
      this.tasks.add(new WalkingTask(world, this.tasks, keeper, i));
    }
  }

  /** What happened. */
  List<String> log() {
    return world.log;
  }

  int asked() {
    return world.asked;
  }

  /** How many calls were made. */
  int handedOut() {
    return tasks.stream().mapToInt(WalkingTask::handedOut).sum();
  }

  void go(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
      check();
    }
    world.enoughSince = world.now;
    Instant end = world.now.plus(Duration.ofMinutes(30));
    while (!idle()) {
      if (world.now.isAfter(end)) {
        throw new AssertionError("something waits for ever");
      }
      pass(Duration.ofMillis(100));
      world.enoughSince = enoughForAll() ? world.enoughSince : world.now;
      if (world.now.isAfter(world.enoughSince.plus(PROMPTLY))) {
        throw new AssertionError("there is money for all who wait, and nobody gets it");
      }
      endCalls(100);
      check();
    }
    pass(Reservations.LATE_ENDS.plusMinutes(1));
    for (int i = 0; i < 200; i++) {
      pass(Duration.ofMillis(100));
    }
  }

  private boolean idle() {
    return world.calls.isEmpty() && tasks.stream().allMatch(WalkingTask::idle) && keeper.idle();
  }

  private void step() {
    switch (random.nextInt(8)) {
      case 0, 1 -> any(tasks).ask();
      case 2 -> endCalls(30);
      case 3 -> pass(Duration.ofMillis(random.nextInt(300)));
      case 4 -> pass(Duration.ofMillis(random.nextInt(3_000)));
      case 5 -> {
        if (random.nextInt(100) < crashPercent) {
          any(tasks).shelf.interruptAfter(random.nextInt(6));
        }
      }
      case 6 -> {
        if (random.nextInt(100) < crashPercent) {
          keeper.crash();
        }
      }
      default -> any(tasks).commit();
    }
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private void pass(Duration duration) {
    world.now = world.now.plus(duration);
    tasks.forEach(WalkingTask::live);
    keeper.live();
    if (random.nextBoolean()) {
      tasks.forEach(WalkingTask::live);
    }
    tasks.forEach(WalkingTask::commit);
  }

  private void endCalls(int percent) {
    for (Call call : List.copyOf(world.calls)) {
      if (random.nextInt(100) < percent) {
        end(call);
      }
    }
  }

  private void end(Call call) {
    world.calls.remove(call);
    Dispatch dispatch = call.dispatch();
    long cost = random.nextLong(dispatch.amount + 1);
    boolean again = retries && random.nextInt(3) == 0;
    world.say(call.attemptId() + " costs " + cost + (again ? ", and again" : ""));
    if (world.orphans && random.nextInt(4) == 0) {
      long guess = random.nextLong(dispatch.amount + 1);
      dispatch.task.results.add(new Ended(dispatch, call.attemptId(), guess, again, true));
      if (random.nextBoolean()) {
        // Its end is heard of after all, late.
        world.spend(dispatch.spender, cost);
        dispatch.task.results.add(new Ended(dispatch, call.attemptId(), cost, false, false));
      } else {
        world.spend(dispatch.spender, guess);
      }
      return;
    }
    world.spend(dispatch.spender, cost);
    dispatch.task.results.add(new Ended(dispatch, call.attemptId(), cost, again, false));
  }

  /** Whether somebody waits although nobody would have to. */
  private boolean enoughForAll() {
    Map<String, Long> wanted = new HashMap<>();
    for (WalkingTask task : tasks) {
      for (Dispatch dispatch : task.waiting()) {
        world
            .potsOf(dispatch.spender)
            .forEach(pot -> wanted.merge(pot, dispatch.amount, Long::sum));
      }
    }
    return !wanted.isEmpty()
        && world.budgets().stream()
            .filter(Budget::hard)
            .allMatch(budget -> {
              String pot = BudgetWorld.potOf(budget);
              long left = budget.limit().pico() - world.atRisk(pot);
              return wanted.getOrDefault(pot, 0L) <= left;
            });
  }

  /** What must be true at any time. */
  private void check() {
    for (Budget budget : world.budgets()) {
      if (!budget.hard() || world.orphans) {
        continue;
      }
      String pot = BudgetWorld.potOf(budget);
      long limit = budget.limit().pico();
      if (world.atRisk(pot) > limit) {
        throw new AssertionError(world.atRisk(pot) + " of " + limit + " at risk of " + pot);
      }
      Account account = keeper.accounts.get(pot);
      if (account != null && Accounts.held(account) > Math.max(limit, Accounts.spent(account))) {
        throw new AssertionError("more was given than there is of " + pot + ": " + account);
      }
    }
  }

  /** What must be true in the end, when everybody has told everything. */
  void settled() {
    for (Budget budget : world.budgets()) {
      String pot = BudgetWorld.potOf(budget);
      Account account = keeper.accounts.get(pot);
      long known = account == null ? 0 : Accounts.spent(account);
      if (known != world.spent(pot)) {
        throw new AssertionError(
            "spent " + world.spent(pot) + " of " + pot + ", and known are " + known);
      }
      if (account != null && budget.hard() && Accounts.held(account) != Math.max(0, known)) {
        throw new AssertionError("money is left with a task: " + account);
      }
    }
    for (WalkingTask task : tasks) {
      if (!task.shelf.reservations.isEmpty()) {
        throw new AssertionError("never forgotten: " + task.shelf.reservations);
      }
    }
  }
}
