package io.penstock.workers;

import static java.util.Objects.requireNonNull;

import io.penstock.policies.Reason;
import io.penstock.policies.calling.RetryBudget;
import io.penstock.policies.calling.Walking;
import io.penstock.policies.calling.Walking.Step;
import io.penstock.policies.calling.Walking.Tries;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.Candidate;
import io.penstock.workers.provider.Clearance;
import io.penstock.workers.provider.DeltaSink;
import io.penstock.workers.provider.Line;
import io.penstock.workers.provider.Providers;
import io.penstock.workers.provider.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
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
  private final UnderWay underWay;
  private final ChunkWriter chunks;
  private final Attempts attempts;
  private final Renewals renewals;
  private final CallMeters meters;
  private final InstantSource clock;
  private final AtomicReference<RetryBudget> budget = new AtomicReference<>(RetryBudget.FULL);
  private volatile boolean closing;
  private volatile boolean letGo;

  PlanWalker(
      WorkerSettings settings,
      Providers providers,
      UnderWay underWay,
      ChunkWriter chunks,
      Attempts attempts,
      Renewals renewals,
      CallMeters meters,
      InstantSource clock) {
    this.settings = settings;
    this.providers = providers;
    this.underWay = underWay;
    this.chunks = chunks;
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
    Line line = underWay.open(assignment.dispatch().getId());
    try {
      walk(assignment, first, line);
    } finally {
      underWay.close(assignment.dispatch().getId(), line);
    }
  }

  private void walk(Assignment assignment, Attempt first, Line line) {
    Attempt attempt = first;
    Position position = Position.START;
    for (int made = 1; ; made++) {
      Called called = call(assignment, attempt, position.candidate(assignment), line);
      if (letGo) {
        return; // Broken off, not failed: left unwritten, its lease runs out and another asks
        // again.
      }
      Step step = step(assignment, called, position);
      Duration pause = pauseOf(step);
      attempts.end(assignment, attempt, called.result, called.firstAt, pause);
      if (pause == null || line.pause(pause) || closing) {
        return; // Nobody waits any more, or somebody else goes on.
      }
      position = position.after(step);
      attempt = attempts.next(assignment, made, position.candidate(assignment));
      if (late(assignment) || !opened(assignment, attempt)) {
        return; // The topology hears of no further attempt and takes over.
      }
    }
  }

  /** Where on the plan a walk is: the candidate's index, and the tries it has had or is having. */
  private record Position(int index, Tries tries) {
    static final Position START = new Position(0, Tries.FIRST);

    Candidate candidate(Assignment assignment) {
      return assignment.plan().get(index);
    }

    int candidatesLeft(Assignment assignment) {
      return assignment.plan().size() - index - 1;
    }

    Position after(Step step) {
      return step instanceof Step.Onward
          ? new Position(index + 1, Tries.FIRST)
          : new Position(index, tries.after(step));
    }
  }

  /**
   * What a call brought.
   *
   * @param firstAt when the first piece of it was handed on; null when none was
   */
  private record Called(Result result, @Nullable Instant firstAt) {}

  private Called call(Assignment assignment, Attempt attempt, Candidate candidate, Line line) {
    boolean streamed = assignment.leader().getStream();
    String window = attempt.getWindow();
    if (!streamed && window == null) {
      return new Called(call(assignment, attempt, candidate, line, null), null);
    }
    // Whoever warms a prefix for others is asked for pieces: the first says that it can be read.
    Runnable begins =
        window == null ? () -> {} : () -> attempts.begun(assignment.fingerprint(), attempt, window);
    try (var hearing =
        new Hearing(streamed ? chunks.open(assignment.leader(), attempt) : null, begins, clock)) {
      Result result = call(assignment, attempt, candidate, line, hearing);
      Instant firstAt = hearing.firstAt();
      if (firstAt != null) {
        meters.firstToken(attempt, Duration.between(attempt.getStartedAt(), firstAt));
      }
      return new Called(result, streamed ? firstAt : null);
    }
  }

  private Result call(
      Assignment assignment,
      Attempt attempt,
      Candidate candidate,
      Line line,
      @Nullable DeltaSink sink) {
    if (late(assignment)) {
      return tooLate();
    }
    Renewals.Held lease = renewals.hold(assignment.fingerprint(), attempt);
    try {
      return switch (clearance(assignment, candidate, line)) {
        case Clearance.Granted granted -> call(assignment, attempt, candidate, line, sink, granted);
        case Clearance.Refused refused -> {
          meters.held(attempt, refused.held());
          meters.turnedAway(attempt, refused.failure().reason());
          yield refused.failure();
        }
      };
    } catch (RuntimeException e) {
      LOG.error("attempt {} met a bug", attempt.getId(), e);
      return Result.Failed.of(Reason.INTERNAL_ERROR, "the worker failed: see its log");
    } finally {
      lease.end();
    }
  }

  /** Held no longer than to the deadline: a call not yet made has no grace beyond it. */
  private Clearance clearance(Assignment assignment, Candidate candidate, Line line) {
    return providers.clearance(
        candidate,
        assignment.caller(),
        Duration.between(clock.instant(), assignment.dispatch().getDeadlineAt()),
        line);
  }

  private Result call(
      Assignment assignment,
      Attempt attempt,
      Candidate candidate,
      Line line,
      @Nullable DeltaSink sink,
      Clearance.Granted clearance) {
    meters.held(attempt, clearance.held());
    Optional<Duration> timeout = timeout(assignment);
    if (timeout.isEmpty()) {
      clearance.permit().giveBack();
      return tooLate();
    }
    long begun = System.nanoTime();
    Result result =
        providers.call(
            clearance.permit(),
            candidate,
            assignment.leader(),
            assignment.promptCache(candidate),
            timeout.get(),
            line,
            sink);
    meters.ended(attempt, result, Duration.ofNanos(System.nanoTime() - begun));
    return result;
  }

  private Step step(Assignment assignment, Called called, Position position) {
    return switch (called.result) {
      case Result.Answered answered -> {
        budget.updateAndGet(RetryBudget::afterSuccess);
        yield new Step.Stop();
      }
      case Result.Failed failed
          when assignment.dispatch().getBounded()
              && Walking.mayHaveCost(
                  failed.reason(), failed.bill().usage(), failed.bill().counted()) ->
          new Step.Stop();
      case Result.Failed failed -> {
        Step step =
            settings
                .walking()
                .after(
                    failed.reason(),
                    position.tries(),
                    position.candidatesLeft(assignment),
                    failed.advice(),
                    called.firstAt != null,
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
      case Step.Wait(Duration delay) -> delay;
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
    return timeout(assignment).isEmpty();
  }

  /** How long a call may take that begins now; empty when the deadline has passed. */
  private Optional<Duration> timeout(Assignment assignment) {
    Instant deadlineAt = assignment.dispatch().getDeadlineAt();
    return settings.timing().callTimeout(deadlineAt, clock.instant());
  }

  private static Result.Failed tooLate() {
    return Result.Failed.of(
        Reason.DEADLINE_EXCEEDED, "the deadline passed in the last moment; nothing was called");
  }

  /** Lets running calls end, and makes no further ones. */
  void stopRetrying() {
    closing = true;
    underWay.wake();
  }

  /** Breaks off what still runs and writes nothing more: its leases run out. */
  void letGo() {
    letGo = true;
    renewals.close();
    providers.cancelAll();
  }
}
