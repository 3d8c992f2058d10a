package io.penstock.policies.coalesce;

import static io.penstock.policies.ARequest.aRequest;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;

/** One random history of one fingerprint: requests, workers, crashes, and time that passes. */
final class Walk {
  private static final Duration COMMIT_INTERVAL = Duration.ofMillis(200);
  private static final Duration TICK = Duration.ofMillis(100);
  private static final Duration LONG_ENOUGH = Duration.ofMinutes(30);

  final History history = new History();
  private final Random random;
  private final Faults faults;
  private final Workers workers;
  private final Task task;
  private Instant now = Story.NOON;
  private Instant committedAt = now;
  private int requests;
  int mostCallsAtOnce;

  Walk(long seed, Faults faults) {
    this.random = new Random(seed);
    this.faults = faults;
    this.workers = new Workers(faults, random, history);
    this.task = new Task(new SingleFlight(Rules.DEFAULT), faults, random, history, workers);
  }

  void go(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
    }
    Instant end = now.plus(LONG_ENOUGH);
    while (!(task.idle() && workers.idle())) {
      if (now.isAfter(end)) {
        throw new AssertionError("something is remembered for ever");
      }
      pass(TICK);
      workers.finish(now, task::publish);
    }
    task.commit();
  }

  private void step() {
    switch (random.nextInt(6)) {
      case 0 -> {
        if (faults.withdraw(random)) {
          withdraw();
        } else {
          request();
        }
      }
      case 1 -> workers.take(now, task::publish);
      case 2 -> workers.act(now, task::publish);
      case 3 -> pass(Duration.ofMillis(random.nextInt(400)));
      case 4 -> pass(Duration.ofMillis(random.nextInt(random.nextInt(3) == 0 ? 9_000 : 1_000)));
      default -> {
        if (faults.crash(random)) {
          crash();
        } else {
          task.poll(now);
        }
      }
    }
    mostCallsAtOnce = Math.max(mostCallsAtOnce, workers.busy());
  }

  /**
   * A new request, or a repeat of one that waits. A repeat of one that has been answered is none of
   * single flight's business: it is looked up before.
   */
  private void request() {
    task.poll(now);
    var waiting = task.waiting();
    var request = aRequest().acceptedAt(now).dueBy(now.plus(faults.patience(random)));
    if (!waiting.isEmpty() && random.nextInt(4) == 0) {
      var known = waiting.get(random.nextInt(waiting.size()));
      request.withId(known.getId()).dueBy(known.getDeadlineAt()).acceptedAt(known.getAcceptedAt());
      request.repliedTo(random.nextInt(3));
    } else {
      requests++;
      request.withId("r" + requests).repliedTo(0);
    }
    task.submit(request.build());
    task.poll(now);
  }

  private void withdraw() {
    task.poll(now);
    var waiting = task.waiting();
    if (!waiting.isEmpty()) {
      task.withdraw(waiting.get(random.nextInt(waiting.size())), now);
    }
    if (random.nextBoolean()) {
      task.poll(now);
    }
  }

  /** Time passes for everybody, in ticks, while the task runs. */
  private void pass(Duration duration) {
    Instant until = now.plus(duration);
    do {
      Instant tick = now.plus(TICK);
      now = tick.isBefore(until) ? tick : until;
      workers.tick(now, task::publish);
      if (faults.promptWorkers()) {
        workers.take(now, task::publish);
      }
      if (random.nextBoolean()) {
        task.poll(now);
      }
      task.tick(now);
      if (!now.isBefore(committedAt.plus(COMMIT_INTERVAL))) {
        task.commit();
        committedAt = now;
      }
    } while (now.isBefore(until));
  }

  private void crash() {
    Instant crashedAt = now;
    task.crash(now);
    Instant back = now.plusMillis(random.nextInt(10_000));
    while (now.isBefore(back)) {
      now = now.plus(TICK);
      workers.tick(now, task::publish);
      if (random.nextInt(5) == 0) {
        workers.take(now, task::publish);
        workers.act(now, task::publish);
      }
      mostCallsAtOnce = Math.max(mostCallsAtOnce, workers.busy());
    }
    task.restore(crashedAt, now);
    committedAt = now;
  }
}
