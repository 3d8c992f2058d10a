package io.penstock.workers;

import static java.util.Objects.requireNonNull;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.RetryBudget;
import io.penstock.policies.calling.Walking.Step;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.Candidate;
import io.penstock.workers.provider.Providers;
import io.penstock.workers.provider.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works on assignments: walks the plan, attempt by attempt, and writes what each brought. Shared by
 * all lanes of a worker; {@link #work} blocks its thread, which should be a virtual one.
 */
final class PlanWalker {
  private static final Logger LOG = LoggerFactory.getLogger(PlanWalker.class);

  private final WorkerSettings settings;
  private final Providers providers;
  private final Attempts attempts;
  private final Renewals renewals;
  private final CallMeters meters;
  private final InstantSource clock;
  private final AtomicReference<RetryBudget> budget = new AtomicReference<>(RetryBudget.FULL);
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile boolean letGo;

  PlanWalker(
      WorkerSettings settings,
      Providers providers,
      Attempts attempts,
      Renewals renewals,
      CallMeters meters,
      InstantSource clock) {
    this.settings = settings;
    this.providers = providers;
    this.attempts = attempts;
    this.renewals = renewals;
    this.meters = meters;
    this.clock = clock;
  }

  /**
   * Walks the plan of an assignment from its first attempt, which has been opened, until there is
   * an answer or nothing more to try.
   */
  void work(Assignment assignment, Attempt first) {
    Attempt attempt = first;
    Position position = Position.START;
    for (int made = 1; ; made++) {
      Result result = call(assignment, attempt, position.candidate(assignment));
      if (letGo) {
        return; // Broken off, not failed: left unwritten, its lease runs out and another asks
        // again.
      }
      Step step = step(assignment, result, position);
      Duration pause = pauseOf(step);
      attempts.end(assignment, attempt, result, pause);
      if (pause == null || stopsWithin(pause)) {
        return;
      }
      position = position.after(step);
      attempt = attempts.next(assignment, made, position.candidate(assignment));
      if (late(assignment) || !opened(assignment, attempt)) {
        return; // The topology hears of no further attempt and takes over.
      }
    }
  }

  /** Where on the plan a walk is: the candidate's index, and the tries it has had or is having. */
  private record Position(int index, int tries) {
    static final Position START = new Position(0, 1);

    Candidate candidate(Assignment assignment) {
      return assignment.plan().get(index);
    }

    int candidatesLeft(Assignment assignment) {
      return assignment.plan().size() - index - 1;
    }

    Position after(Step step) {
      return step instanceof Step.Onward
          ? new Position(index + 1, 1)
          : new Position(index, tries + 1);
    }
  }

  private Result call(Assignment assignment, Attempt attempt, Candidate candidate) {
    Optional<Duration> timeout =
        settings.timing().callTimeout(assignment.dispatch().getDeadlineAt(), clock.instant());
    if (timeout.isEmpty()) {
      return Result.Failed.of(
          Reason.DEADLINE_EXCEEDED, "the deadline passed in the last moment; nothing was called");
    }
    long begun = System.nanoTime();
    Renewals.Held lease = renewals.hold(assignment.fingerprint(), attempt);
    try {
      Result result = providers.call(candidate, assignment.leader(), timeout.get());
      meters.ended(attempt, result, Duration.ofNanos(System.nanoTime() - begun));
      return result;
    } catch (RuntimeException e) {
      LOG.error("attempt {} met a bug", attempt.getId(), e);
      return Result.Failed.of(Reason.INTERNAL_ERROR, "the worker failed: see its log");
    } finally {
      lease.end();
    }
  }

  private Step step(Assignment assignment, Result result, Position position) {
    return switch (result) {
      case Result.Answered answered -> {
        budget.updateAndGet(RetryBudget::afterSuccess);
        yield new Step.Stop();
      }
      case Result.Failed failed -> {
        Step step =
            settings
                .walking()
                .after(
                    failed.reason(),
                    position.tries(),
                    position.candidatesLeft(assignment),
                    failed.advice(),
                    requireNonNull(budget.get()),
                    assignment.dispatch().getDeadlineAt(),
                    clock.instant(),
                    ThreadLocalRandom.current().nextDouble());
        if (step instanceof Step.Again) {
          budget.updateAndGet(RetryBudget::afterRetry);
        }
        yield step;
      }
    };
  }

  private static @Nullable Duration pauseOf(Step step) {
    return switch (step) {
      case Step.Again(Duration delay) -> delay;
      case Step.Onward() -> Duration.ZERO;
      case Step.Stop() -> null;
    };
  }

  private boolean opened(Assignment assignment, Attempt attempt) {
    boolean opened =
        attempts
            .open(
                assignment,
                attempt,
                TimeLimit.in(settings.timing().startPatience()),
                Duration.ZERO,
                () -> {},
                () -> {})
            .begins();
    if (!opened) {
      LOG.warn("attempt {} could not be made known, so it is not made", attempt.getId());
    }
    return opened;
  }

  private boolean late(Assignment assignment) {
    Instant deadlineAt = assignment.dispatch().getDeadlineAt();
    return settings.timing().callTimeout(deadlineAt, clock.instant()).isEmpty();
  }

  private boolean stopsWithin(Duration pause) {
    try {
      return closing.await(pause.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Lets running calls end, and makes no further ones. */
  void stopRetrying() {
    closing.countDown();
  }

  /** Breaks off what still runs and writes nothing more: its leases run out. */
  void letGo() {
    letGo = true;
    renewals.close();
    providers.cancelAll();
  }
}
