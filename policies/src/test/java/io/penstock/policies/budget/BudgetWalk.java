package io.penstock.policies.budget;

import io.penstock.policies.Reason;
import io.penstock.policies.budget.Treasury.Spender;
import io.penstock.policies.budget.Treasury.Spent;
import io.penstock.schemas.Money;
import io.penstock.schemas.avro.Account;
import io.penstock.schemas.avro.BudgetGrant;
import io.penstock.schemas.avro.BudgetQuestion;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

/**
 * A random history of a few tasks that spend from the same budgets: questions and answers come
 * late, twice or not at all, and tasks and the keeper of the accounts die between any two writes.
 * What counts is what the world sees: calls that were made, and what they cost.
 */
final class BudgetWalk {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  static final String TENANT = "acme";

  /** How long money may be there before whoever waits for it has it, when nothing crashes. */
  private static final Duration PROMPTLY = Duration.ofSeconds(6);

  final List<String> log = new ArrayList<>();
  final Budgets budgets;
  private final Random random;
  private final boolean retries;
  private final boolean orphans;
  private final int crashPercent;
  private final List<Task> tasks = new ArrayList<>();
  private final Keeper keeper = new Keeper();
  private final List<Call> calls = new ArrayList<>();
  private Instant now = NOON;
  private Instant enoughSince = NOON;
  private int dispatches;

  /** One dispatch: what it may cost, and what its attempts will. */
  private static final class Dispatch {
    final Task task;
    final Spender spender;
    final long amount;
    final Instant deadlineAt;
    int attempts;

    Dispatch(Task task, Spender spender, long amount, Instant deadlineAt) {
      this.task = task;
      this.spender = spender;
      this.amount = amount;
      this.deadlineAt = deadlineAt;
    }
  }

  /** A call that is out, queued or running: it may cost what was set aside. */
  private record Call(Dispatch dispatch, String attemptId) {}

  private record Ended(
      Dispatch dispatch, String attemptId, long cost, boolean again, boolean guessed) {}

  BudgetWalk(
      long seed, Budgets budgets, int tasks, boolean retries, boolean orphans, int crashPercent) {
    this.random = new Random(seed);
    this.budgets = budgets;
    this.retries = retries;
    this.orphans = orphans;
    this.crashPercent = crashPercent;
    for (int i = 0; i < tasks; i++) {
      this.tasks.add(new Task(i));
    }
  }

  /** What the calls that have ended did cost, by pot. */
  final Map<String, Long> spent = new HashMap<>();

  private long atRisk(String pot) {
    return spent.getOrDefault(pot, 0L)
        + calls.stream()
            .filter(call -> potsOf(call.dispatch().spender).contains(pot))
            .mapToLong(call -> call.dispatch().amount)
            .sum();
  }

  private List<String> potsOf(Spender spender) {
    return budgets.potsOf(spender.tenant(), spender.keyId(), NOON).stream().map(Pot::id).toList();
  }

  void go(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
      check();
    }
    enoughSince = now;
    Instant end = now.plus(Duration.ofMinutes(30));
    while (!idle()) {
      if (now.isAfter(end)) {
        throw new AssertionError("something waits for ever");
      }
      pass(Duration.ofMillis(100));
      enoughSince = enoughForAll() ? enoughSince : now;
      if (now.isAfter(enoughSince.plus(PROMPTLY))) {
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

  /** Whether somebody waits although nobody would have to. */
  private boolean enoughForAll() {
    Map<String, Long> wanted = new HashMap<>();
    for (Task task : tasks) {
      for (Dispatch dispatch : task.open) {
        if (task.treasury.holdsBack(dispatch.spender.place())) {
          potsOf(dispatch.spender).forEach(pot -> wanted.merge(pot, dispatch.amount, Long::sum));
        }
      }
    }
    return !wanted.isEmpty()
        && budgetsOf().stream()
            .filter(Budget::hard)
            .allMatch(budget -> {
              String pot = budget.potAt(NOON).id();
              long left = budget.limit().pico() - atRisk(pot);
              return wanted.getOrDefault(pot, 0L) <= left;
            });
  }

  private boolean idle() {
    return calls.isEmpty() && tasks.stream().allMatch(Task::idle) && keeper.questions.drained();
  }

  private void check() {
    for (Budget budget : budgetsOf()) {
      String pot = budget.potAt(NOON).id();
      if (budget.hard() && !orphans && atRisk(pot) > budget.limit().pico()) {
        throw new AssertionError(
            atRisk(pot) + " of " + budget.limit().pico() + " at risk of " + pot);
      }
      Account account = keeper.accounts.get(pot);
      if (budget.hard()
          && !orphans
          && account != null
          && Accounts.held(account) > Math.max(budget.limit().pico(), Accounts.spent(account))) {
        throw new AssertionError("more was given than there is of " + pot + ": " + account);
      }
    }
  }

  private List<Budget> budgetsOf() {
    return budgets.potsOf(TENANT, "k1", NOON).stream().map(Pot::budget).toList();
  }

  /** How many calls were made. */
  int handedOut() {
    return tasks.stream().mapToInt(task -> task.handedOut.size()).sum();
  }

  int asked() {
    return dispatches;
  }

  /** What must be true in the end, when everybody has told everything. */
  void settled() {
    for (Budget budget : budgetsOf()) {
      String pot = budget.potAt(NOON).id();
      Account account = keeper.accounts.get(pot);
      long known = account == null ? 0 : Accounts.spent(account);
      if (known != spent.getOrDefault(pot, 0L)) {
        throw new AssertionError(
            "spent " + spent.getOrDefault(pot, 0L) + " of " + pot + ", and known are " + known);
      }
      if (account != null && budget.hard() && Accounts.held(account) != Math.max(0, known)) {
        throw new AssertionError("money is left with a task: " + account);
      }
    }
    for (Task task : tasks) {
      if (!task.shelf.reservations.isEmpty()) {
        throw new AssertionError("never forgotten: " + task.shelf.reservations);
      }
    }
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

  private void pass(Duration duration) {
    now = now.plus(duration);
    tasks.forEach(Task::live);
    keeper.live();
    if (random.nextBoolean()) {
      tasks.forEach(Task::live);
    }
    tasks.forEach(Task::commit);
  }

  private void endCalls(int percent) {
    for (Call call : List.copyOf(calls)) {
      if (random.nextInt(100) < percent) {
        end(call);
      }
    }
  }

  private void end(Call call) {
    calls.remove(call);
    Dispatch dispatch = call.dispatch();
    long cost = random.nextLong(dispatch.amount + 1);
    boolean again = retries && random.nextInt(3) == 0;
    log.add(now + " " + call.attemptId() + " costs " + cost + (again ? ", and again" : ""));
    if (orphans && random.nextInt(4) == 0) {
      long guess = random.nextLong(dispatch.amount + 1);
      dispatch.task.results.add(new Ended(dispatch, call.attemptId(), guess, again, true));
      if (random.nextBoolean()) {
        // Its end is heard of after all, late.
        spend(dispatch, cost);
        dispatch.task.results.add(new Ended(dispatch, call.attemptId(), cost, false, false));
      } else {
        spend(dispatch, guess);
      }
      return;
    }
    spend(dispatch, cost);
    dispatch.task.results.add(new Ended(dispatch, call.attemptId(), cost, again, false));
  }

  private void spend(Dispatch dispatch, long cost) {
    potsOf(dispatch.spender).forEach(pot -> spent.merge(pot, cost, Long::sum));
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** A partition as its one consumer sees it. */
  private static final class Log<T> {
    final List<T> records = new ArrayList<>();
    int next;
    int committed;

    void add(T one) {
      records.add(one);
    }

    boolean drained() {
      return next == records.size();
    }
  }

  private final class Task {
    final int number;
    final MapShelf shelf = new MapShelf();
    final Log<Dispatch> requests = new Log<>();
    final Log<Ended> results = new Log<>();
    final Log<BudgetGrant> grants = new Log<>();

    /** What is in flight: durable, as single flight keeps it. */
    final Set<Dispatch> open = new LinkedHashSet<>();

    final Set<Dispatch> ever = new HashSet<>();
    final Map<String, Dispatch> byPlace = new HashMap<>();
    final Set<String> handedOut = new HashSet<>();
    final Set<String> ended = new HashSet<>();
    final List<Runnable> held = new ArrayList<>();
    Treasury treasury;
    private boolean takenOver;

    Task(int number) {
      this.number = number;
      this.treasury = new Treasury(budgets, shelf, number);
    }

    void ask() {
      dispatches++;
      var spender =
          new Spender("f/" + "d" + dispatches, TENANT, random.nextInt(3) == 0 ? "k1" : "k2");
      var dispatch =
          new Dispatch(
              this, spender, 1 + random.nextLong(20), now.plusMillis(500 + random.nextInt(20_000)));
      requests.add(dispatch);
    }

    boolean idle() {
      return requests.drained() && results.drained() && grants.drained() && open.isEmpty();
    }

    void live() {
      try {
        while (!(requests.drained() && results.drained() && grants.drained())) {
          switch (random.nextInt(3)) {
            case 0 -> {
              if (!requests.drained()) {
                request(requests.records.get(requests.next));
                requests.next++;
              }
            }
            case 1 -> {
              if (!results.drained()) {
                result(results.records.get(results.next));
                results.next++;
              }
            }
            default -> {
              if (!grants.drained()) {
                treasury.granted(grants.records.get(grants.next));
                grants.next++;
                look();
              }
            }
          }
        }
        handOutWhatWasLost();
        look();
        treasury.questions(1_000, now).forEach(q -> send(() -> keeper.hear(q)));
        treasury.forget(1_000, now);
      } catch (MapShelf.Interrupted e) {
        crash();
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
          dispatch.spender, new Money(dispatch.amount), dispatch.deadlineAt, now)) {
        String attemptId = dispatch.spender.place() + "#" + (dispatch.attempts + 1);
        log.add(now + " task " + number + " hands out " + attemptId + " for " + dispatch.amount);
        send(() -> {
          if (handedOut.add(attemptId)) {
            calls.add(new Call(dispatch, attemptId));
          }
        });
      }
    }

    /**
     * First what it cost, then what is in flight: money comes free no sooner than it is counted.
     */
    private void result(Ended event) {
      Dispatch dispatch = event.dispatch();
      var spent =
          new Spent(
              dispatch.spender, event.attemptId(), new Money(event.cost()), event.guessed(), NOON);
      boolean ends = !event.again() || !open.contains(dispatch);
      treasury.settle(List.of(spent), ends ? List.of(dispatch.spender.place()) : List.of(), now);
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
      for (Treasury.Ripe ripe : treasury.ripe(1_000, now)) {
        Dispatch dispatch = Objects.requireNonNull(byPlace.get(ripe.place()));
        switch (ripe.verdict()) {
          case Verdict.Go _ -> emit(dispatch);
          case Verdict.Refused(var failure) -> {
            log.add(now + " " + ripe.place() + " is refused: " + failure.getMessage());
            refusedRightly(dispatch, failure.getCode());
            treasury.settle(List.of(), List.of(ripe.place()), now);
            open.remove(dispatch);
          }
          case Verdict.Wait _ -> throw new AssertionError("nothing is said of who waits on");
        }
      }
    }

    private void refusedRightly(Dispatch dispatch, String code) {
      if (code.equals(Reason.BUDGET_BUSY.code())) {
        if (now.isBefore(dispatch.deadlineAt)) {
          throw new AssertionError("refused before its deadline");
        }
      } else if (!orphans
          && budgetsOf().stream()
              .filter(b -> b.hard() && potsOf(dispatch.spender).contains(b.potAt(NOON).id()))
              .noneMatch(b ->
                  dispatch.amount
                      > b.limit().pico() - spent.getOrDefault(b.potAt(NOON).id(), 0L))) {
        throw new AssertionError("refused although there is enough: " + dispatch.spender);
      }
    }

    private void send(Runnable output) {
      if (random.nextBoolean()) {
        output.run();
      } else {
        held.add(output);
      }
    }

    void commit() {
      requests.committed = requests.next;
      results.committed = results.next;
      grants.committed = grants.next;
      held.forEach(Runnable::run);
      held.clear();
    }

    /** What was not committed is read again; what is durable stays; what was held may be lost. */
    private void crash() {
      log.add(now + " task " + number + " dies");
      held.clear();
      requests.next = requests.committed;
      results.next = results.committed;
      grants.next = grants.committed;
      shelf.crash();
      // The others live on meanwhile, and commit as always.
      tasks.stream().filter(other -> other != this).forEach(Task::commit);
      now = now.plusMillis(random.nextInt(10_000));
      enoughSince = now;
      treasury = new Treasury(budgets, shelf, number);
      treasury.restored(now);
      treasury.reconcile(place -> open.contains(byPlace.get(place)), now);
      takenOver = true;
    }

    /** Whatever was lost goes out again, once everything has been read that was there. */
    private void handOutWhatWasLost() {
      for (Dispatch dispatch : List.copyOf(open)) {
        String attemptId = dispatch.spender.place() + "#" + (dispatch.attempts + 1);
        if (takenOver && !handedOut.contains(attemptId)) {
          emit(dispatch);
        }
      }
      takenOver = false;
    }
  }

  /** Who keeps the accounts. */
  private final class Keeper {
    final Log<BudgetQuestion> questions = new Log<>();
    final Map<String, Account> accounts = new HashMap<>();
    private final List<BudgetGrant> held = new ArrayList<>();

    void hear(BudgetQuestion question) {
      questions.add(question);
      if (random.nextInt(5) == 0) {
        questions.add(question);
      }
    }

    void live() {
      while (!questions.drained()) {
        BudgetQuestion q = questions.records.get(questions.next);
        questions.next++;
        Account before = accounts.getOrDefault(q.getPot(), Accounts.opened(q));
        var answer = Accounts.answer(before, q, budgets.ofPot(q.getPot()), now);
        accounts.put(q.getPot(), answer.next());
        BudgetGrant grant = answer.grant();
        if (grant != null) {
          if (random.nextBoolean()) {
            deliver(grant);
          } else {
            held.add(grant);
          }
        }
      }
      if (random.nextInt(3) == 0) {
        held.forEach(this::deliver);
        held.clear();
        questions.committed = questions.next;
      }
    }

    private void deliver(BudgetGrant grant) {
      tasks.get(grant.getTask()).grants.add(grant);
      if (random.nextInt(5) == 0) {
        tasks.get(grant.getTask()).grants.add(grant);
      }
    }

    void crash() {
      log.add(now + " the keeper dies");
      held.clear();
      questions.next = questions.committed;
    }
  }
}
