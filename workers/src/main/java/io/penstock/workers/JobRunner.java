package io.penstock.workers;

import io.penstock.policies.Reason;
import io.penstock.policies.batch.Jobs;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.JobAlive;
import io.penstock.schemas.avro.JobDeferred;
import io.penstock.schemas.avro.JobLine;
import io.penstock.schemas.avro.JobOver;
import io.penstock.schemas.avro.JobReport;
import io.penstock.schemas.avro.JobRunning;
import io.penstock.schemas.avro.JobStep;
import io.penstock.schemas.avro.JobSubmitted;
import io.penstock.schemas.avro.JobTask;
import io.penstock.workers.provider.BatchFound;
import io.penstock.workers.provider.BatchRefusedException;
import io.penstock.workers.provider.BatchState;
import io.penstock.workers.provider.Batches;
import io.penstock.workers.provider.Providers;
import io.penstock.workers.provider.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what is to be done about a job: one task, from beginning to end, on the calling thread. It
 * keeps nothing. Whatever it does may have been done before, by a worker that vanished: a batch is
 * looked for before it is handed in once more, and its attempts have the same names whoever makes
 * them known.
 */
final class JobRunner {
  private static final Logger LOG = LoggerFactory.getLogger(JobRunner.class);

  /** How much longer than the latest deadline a batch may be heard of. */
  private static final Duration AFTERWARDS = Duration.ofHours(25);

  private static final int BEATS_PER_LEASE = 3;

  private final String worker;
  private final Providers providers;
  private final JobLog log;
  private final Attempts attempts;
  private final Results results;
  private final InstantSource clock;

  JobRunner(
      String worker,
      Providers providers,
      JobLog log,
      Attempts attempts,
      Results results,
      InstantSource clock) {
    this.worker = worker;
    this.providers = providers;
    this.log = log;
    this.attempts = attempts;
    this.results = results;
    this.clock = clock;
  }

  void run(JobTask task) {
    Optional<Batches> batches = providers.batches(task.getProvider());
    if (batches.isEmpty()) {
      report(task, new JobDeferred("this worker knows no batches of " + task.getProvider(), null));
      return;
    }
    var pulse = new Pulse(task);
    try {
      report(task, work(task, batches.get(), pulse));
    } catch (BatchRefusedException e) {
      LOG.warn("{} and job {}: {}", task.getProvider(), task.getJobId(), e.getMessage());
      refused(task, e.failure());
    } catch (IOException | KafkaException | CompletionException e) {
      // Nothing is said: when the lease has run out, a worker begins this task anew.
      LOG.warn("job {} was not seen to; a worker will", task.getJobId(), e);
    } finally {
      pulse.stop();
    }
  }

  private SpecificRecord work(JobTask task, Batches batches, Pulse pulse)
      throws IOException, BatchRefusedException {
    String ref = task.getRef();
    if (ref == null && task.getAgain()) {
      switch (batches.find(task.getJobId(), task.getSealedAt())) {
        case BatchFound.It(String found) -> ref = found;
        case BatchFound.Undecided() -> {
          return new JobDeferred("a batch that runs may be this one", null);
        }
        case BatchFound.Nothing() -> {}
      }
    }
    return switch (task.getStep()) {
      case SUBMIT -> ref == null ? submit(task, batches, pulse) : new JobSubmitted(ref);
      case POLL, CANCEL ->
          ref == null
              ? left(task, "never handed in", "it was called off")
              : look(task, batches, ref);
    };
  }

  private SpecificRecord submit(JobTask task, Batches batches, Pulse pulse)
      throws IOException, BatchRefusedException {
    Path file = Files.createTempFile("penstock-job-", ".jsonl");
    try (Batches.Draft draft = batches.draft(task.getJobId(), file)) {
      var written = new Written();
      log.each(task, (line, dispatch) -> add(task, line, dispatch, draft, written));
      written.await();
      if (draft.isEmpty()) {
        return new JobOver("nothing to hand in", 0, task.getLines().size(), 0);
      }
      if (!pulse.held()) {
        throw new IOException("the lease on the task was lost: another worker has it");
      }
      return new JobSubmitted(draft.submit());
    } finally {
      Files.delete(file);
    }
  }

  /** Makes an attempt known and writes its line. */
  private void add(
      JobTask task, JobLine line, Dispatch dispatch, Batches.Draft draft, Written written)
      throws IOException {
    Assignment assignment = Assignment.of(dispatch, dispatch.getPlan());
    Attempt attempt = attempt(task, line, assignment);
    Duration lease = Duration.between(clock.instant(), task.getLatestAt()).plus(AFTERWARDS);
    written.add(
        results.started(assignment.fingerprint(), new AttemptStarted(attempt, lease.toMillis())));
    Optional<Result.Failed> failure =
        draft.add(attempt.getId(), task.getModel(), assignment.leader());
    if (failure.isPresent()) {
      written.add(attempts.ended(assignment, attempt, failure.get(), null, null));
    }
  }

  private SpecificRecord look(JobTask task, Batches batches, String ref)
      throws IOException, BatchRefusedException {
    BatchState state = batches.state(ref);
    if (state instanceof BatchState.Running running
        && task.getStep() == JobStep.CANCEL
        && !running.calledOff()) {
      batches.cancel(ref);
      state = batches.state(ref);
    }
    return switch (state) {
      case BatchState.Running(int total, int ended, _) -> new JobRunning(total, ended);
      case BatchState.Over over -> bringIn(task, batches, over);
    };
  }

  /** Gives each attempt of a batch that has ended its own end. */
  private JobOver bringIn(JobTask task, Batches batches, BatchState.Over over)
      throws IOException, BatchRefusedException {
    Path file = Files.createTempFile("penstock-job-", ".jsonl");
    try (Batches.Results brought = batches.results(over, file)) {
      var tally = new Tally();
      var written = new Written();
      log.each(
          task,
          (line, dispatch) -> {
            Assignment assignment = Assignment.of(dispatch, dispatch.getPlan());
            Attempt attempt = attempt(task, line, assignment);
            Result result =
                brought
                    .of(attempt.getId(), task.getModel(), assignment.leader())
                    .orElseGet(() ->
                        unanswered(
                            "a batch of the provider ended ("
                                + over.status()
                                + ") before it came to this request"));
            tally.count(result);
            written.add(attempts.ended(assignment, attempt, result, null, again(result)));
          });
      written.await();
      batches.tidy(over);
      return new JobOver(over.status(), tally.answered, tally.failed, tally.unanswered);
    } finally {
      Files.delete(file);
    }
  }

  /** What the law of single flight is told of: it calls again for what is tried again. */
  private static @Nullable Duration again(Result result) {
    return result instanceof Result.Failed failed && Jobs.calledAgain(failed.reason())
        ? Duration.ZERO
        : null;
  }

  private static Result.Failed unanswered(String why) {
    return Result.Failed.of(Reason.BATCH_UNANSWERED, why);
  }

  /** Ends every attempt of a job that never was. */
  private JobOver left(JobTask task, String status, String why) throws IOException {
    var written = new Written();
    log.each(
        task,
        (line, dispatch) -> {
          Assignment assignment = Assignment.of(dispatch, dispatch.getPlan());
          Result result = unanswered("its batch was not handed in: " + why);
          written.add(
              attempts.ended(
                  assignment, attempt(task, line, assignment), result, null, again(result)));
        });
    written.await();
    return new JobOver(status, 0, 0, task.getLines().size());
  }

  /**
   * What waiting may mend is tried later; otherwise the dispatches are called for by themselves.
   */
  private void refused(JobTask task, Result.Failed failure) {
    if (task.getStep() != JobStep.SUBMIT || failure.reason().retryable()) {
      Duration wait = failure.advice().retryAfter();
      report(task, new JobDeferred(failure.message(), wait == null ? null : wait.toMillis()));
      return;
    }
    try {
      report(task, left(task, "refused", failure.message()));
    } catch (IOException | KafkaException | CompletionException e) {
      LOG.warn("job {} was refused, which could not be told; a worker will", task.getJobId(), e);
    }
  }

  private Attempt attempt(JobTask task, JobLine line, Assignment assignment) {
    return assignment.line(
        Jobs.lineId(task.getJobId(), line.getOffset()),
        new Candidate(task.getProvider(), task.getModel()),
        worker,
        task.getSealedAt());
  }

  private void report(JobTask task, SpecificRecord outcome) {
    results
        .reported(task.getWindow(), new JobReport(task.getJobId(), task.getNumber(), outcome))
        .join();
  }

  /** Lines by how they ended. */
  private static final class Tally {
    int answered;
    int failed;
    int unanswered;

    void count(Result result) {
      switch (result) {
        case Result.Answered _ -> answered++;
        case Result.Failed f when f.reason() == Reason.BATCH_UNANSWERED -> unanswered++;
        case Result.Failed _ -> failed++;
      }
    }
  }

  /** Records on their way to the log. */
  private static final class Written {
    private final List<CompletableFuture<Void>> records = new ArrayList<>();

    void add(CompletableFuture<Void> record) {
      records.add(record);
    }

    /**
     * Waits until all of them are durable.
     *
     * @throws CompletionException when one never will be
     */
    void await() {
      CompletableFuture.allOf(records.toArray(CompletableFuture[]::new)).join();
    }
  }

  /** Says, until it is stopped, that somebody is at a task. */
  private final class Pulse {
    private final Thread thread;
    private volatile TimeLimit held;

    Pulse(JobTask task) {
      Duration length = Duration.ofMillis(task.getLeaseMs());
      this.held = TimeLimit.in(length);
      this.thread = Thread.ofVirtual().start(() -> beat(task, length));
    }

    private void beat(JobTask task, Duration length) {
      try {
        while (true) {
          Thread.sleep(length.dividedBy(BEATS_PER_LEASE));
          var renewed = TimeLimit.in(length);
          report(task, new JobAlive());
          held = renewed;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (KafkaException | CompletionException e) {
        LOG.warn("job {}: nobody hears that a worker is at it", task.getJobId(), e);
      }
    }

    /** Whether the task was surely not given to another worker yet. */
    boolean held() {
      return !held.passed();
    }

    void stop() {
      thread.interrupt();
    }
  }
}
