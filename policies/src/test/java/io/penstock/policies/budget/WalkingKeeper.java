package io.penstock.policies.budget;

import io.penstock.schemas.avro.Account;
import io.penstock.schemas.avro.BudgetGrant;
import io.penstock.schemas.avro.BudgetQuestion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who keeps the accounts in a {@link BudgetWalk}, and answers late, twice or not at all. */
final class WalkingKeeper {
  final Map<String, Account> accounts = new HashMap<>();
  private final BudgetWorld world;
  private final List<WalkingTask> tasks;
  private final Partition<BudgetQuestion> questions = new Partition<>();
  private final List<BudgetGrant> held = new ArrayList<>();

  /**
   * @param tasks that it answers, by number
   */
  WalkingKeeper(BudgetWorld world, List<WalkingTask> tasks) {
    this.world = world;
    this.tasks = tasks;
  }

  boolean idle() {
    return questions.drained();
  }

  void hear(BudgetQuestion question) {
    questions.add(question);
    if (world.random.nextInt(5) == 0) {
      questions.add(question);
    }
  }

  void live() {
    while (!questions.drained()) {
      BudgetQuestion q = questions.next();
      questions.read();
      Account before = accounts.getOrDefault(q.getPot(), Accounts.opened(q));
      var answer = Accounts.answer(before, q, world.budgets.ofPot(q.getPot()), world.now);
      accounts.put(q.getPot(), answer.next());
      BudgetGrant grant = answer.grant();
      if (grant != null) {
        if (world.random.nextBoolean()) {
          deliver(grant);
        } else {
          held.add(grant);
        }
      }
    }
    if (world.random.nextInt(3) == 0) {
      held.forEach(this::deliver);
      held.clear();
      questions.commit();
    }
  }

  private void deliver(BudgetGrant grant) {
    WalkingTask task = tasks.get(grant.getTask());
    task.grants.add(grant);
    if (world.random.nextInt(5) == 0) {
      task.grants.add(grant);
    }
  }

  void crash() {
    world.say("the keeper dies");
    held.clear();
    questions.crash();
  }
}
