package io.penstock.policies.batch;

import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Job;
import io.penstock.schemas.avro.JobAlive;
import io.penstock.schemas.avro.JobDeferred;
import io.penstock.schemas.avro.JobItem;
import io.penstock.schemas.avro.JobLine;
import io.penstock.schemas.avro.JobOver;
import io.penstock.schemas.avro.JobReport;
import io.penstock.schemas.avro.JobRunning;
import io.penstock.schemas.avro.JobStage;
import io.penstock.schemas.avro.JobStep;
import io.penstock.schemas.avro.JobSubmitted;
import io.penstock.schemas.avro.JobTask;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The law of jobs: what becomes of a provider's batch from its sealing until each of its attempts
 * has an end. Workers see to it task by task and keep nothing; a task of which nothing is heard any
 * more is given to another. Each method is one step: (job, what happened, now) to the next job and
 * the task to give out.
 *
 * <p>A job is called off in time before the earliest deadline among its dispatches. The law of
 * single flight calls again for whatever it left: the worker that brings a job in says of those
 * that they are tried again.
 */
public record Jobs(JobRules rules) {

  /**
   * A job and what is to be done next.
   *
   * @param task for a worker; null for nothing
   */
  public record Next(Job job, @Nullable JobTask task) {}

  /**
   * What a line of a job is called, at the provider and as an attempt: letters that every provider
   * takes, no more than 64.
   */
  public static String lineId(String jobId, long offset) {
    return jobId + "-" + offset;
  }

  /** Whether somebody else is to call for a line that a provider failed for this reason. */
  public static boolean calledAgain(Reason reason) {
    return reason.retryable();
  }

  /**
   * A job is made up. Its id, under which a provider's batch is found again, is the same whenever
   * the same records are read.
   *
   * @param items at least one, of one provider and model
   * @param doubtful whether it may have been sealed before, by a task that vanished
   */
  public Next sealed(
      String window, int partition, List<JobItem> items, boolean doubtful, Instant now) {
    JobItem first = items.getFirst();
    var job =
        new Job(
            idOf(first),
            window,
            first.getProvider(),
            first.getModel(),
            partition,
            items.stream().map(i -> new JobLine(i.getOffset(), i.getNumber())).toList(),
            JobStage.SUBMITTING,
            now,
            deadlines(items).min(Instant::compareTo).orElseThrow(),
            deadlines(items).max(Instant::compareTo).orElseThrow(),
            null,
            0,
            null,
            null,
            0);
    return give(job, JobStep.SUBMIT, doubtful, now);
  }

  private static String idOf(JobItem first) {
    String named =
        String.join(
            "/",
            first.getFingerprint(),
            first.getDispatchId(),
            Integer.toString(first.getNumber()),
            Long.toString(first.getOffset()),
            first.getSince().toString());
    return "pj-" + UUID.nameUUIDFromBytes(named.getBytes(StandardCharsets.UTF_8));
  }

  private static Stream<Instant> deadlines(List<JobItem> items) {
    return items.stream().map(JobItem::getDeadlineAt);
  }

  /** A worker says how a job stands. What is said again changes nothing. */
  public Next reported(Job job, JobReport report, Instant now) {
    if (job.getStage() == JobStage.OVER) {
      return new Next(job, null);
    }
    return switch (report.getOutcome()) {
      case JobOver _ -> new Next(over(job), null);
      // However late: to hand it in once more would be to pay once more.
      case JobSubmitted taken when job.getRef() == null ->
          new Next(waiting(running(job, taken.getRef()), 0, now), null);
      case Object _ when report.getTask() != job.getTask() -> new Next(job, null);
      case JobSubmitted _ -> new Next(waiting(job, job.getLooks(), now), null);
      case JobAlive _ -> new Next(held(job, now.plus(rules.taskLease())), null);
      case JobRunning _ -> new Next(waiting(job, job.getLooks() + 1, now), null);
      case JobDeferred deferred -> new Next(deferred(job, deferred, now), null);
      default -> throw new IllegalStateException("not of a job: " + report.getOutcome());
    };
  }

  /** Time passed: a worker that vanished, the next look, the moment to call it off. */
  public Next due(Job job, Instant now) {
    Instant due = dueAt(job).orElse(Instant.MAX);
    if (due.isAfter(now)) {
      return new Next(job, null);
    }
    if (!now.isBefore(rules.rescueAt(job.getDeadlineAt()))) {
      return give(at(job, JobStage.CANCELLING), JobStep.CANCEL, true, now);
    }
    return give(job, job.getRef() == null ? JobStep.SUBMIT : JobStep.POLL, true, now);
  }

  /** Nobody wants any of it. */
  public Next unwanted(Job job, Instant now) {
    return job.getStage() == JobStage.RUNNING && job.getTaskUntil() == null
        ? give(at(job, JobStage.CANCELLING), JobStep.CANCEL, true, now)
        : new Next(job, null);
  }

  /** When {@link #due} next has something to do; empty when the job is over. */
  public Optional<Instant> dueAt(Job job) {
    return Optional.ofNullable(job.getTaskUntil()).or(() -> Optional.ofNullable(job.getNextAt()));
  }

  /**
   * When a dispatch no longer waits for its job. Where a budget must hold nothing is called beside
   * a job that may still be billed: it has the time until its deadline.
   */
  public Instant letGoAt(JobItem item) {
    return item.getBounded() ? item.getDeadlineAt() : rules.letGoAt(item.getDeadlineAt());
  }

  /** When the first of a job's dispatches no longer waits for it. */
  public Instant letGoAt(Job job) {
    return rules.letGoAt(job.getDeadlineAt());
  }

  private Next give(Job job, JobStep step, boolean again, Instant now) {
    int number = job.getTask() + 1;
    Job given =
        copy(
            job,
            job.getStage(),
            job.getRef(),
            number,
            now.plus(rules.taskLease()),
            null,
            job.getLooks());
    var task =
        new JobTask(
            job.getId(),
            job.getWindow(),
            number,
            step,
            again,
            job.getProvider(),
            job.getModel(),
            job.getPartition(),
            job.getLines(),
            job.getSealedAt(),
            job.getLatestAt(),
            job.getRef(),
            rules.taskLease().toMillis());
    return new Next(given, task);
  }

  private static Job held(Job job, Instant until) {
    return copy(
        job, job.getStage(), job.getRef(), job.getTask(), until, job.getNextAt(), job.getLooks());
  }

  private static Job at(Job job, JobStage stage) {
    return copy(
        job,
        stage,
        job.getRef(),
        job.getTask(),
        job.getTaskUntil(),
        job.getNextAt(),
        job.getLooks());
  }

  private static Job running(Job job, String ref) {
    JobStage stage = job.getStage() == JobStage.SUBMITTING ? JobStage.RUNNING : job.getStage();
    return copy(
        job, stage, ref, job.getTask(), job.getTaskUntil(), job.getNextAt(), job.getLooks());
  }

  private static Job over(Job job) {
    return copy(job, JobStage.OVER, job.getRef(), job.getTask(), null, null, job.getLooks());
  }

  /** Nobody is at it until the next look. */
  private Job waiting(Job job, int looks, Instant now) {
    return next(job, looks, now, rules.poll(looks));
  }

  private Job deferred(Job job, JobDeferred deferred, Instant now) {
    Long asked = deferred.getWaitMs();
    Duration wait = asked == null ? rules.poll(job.getLooks()) : Duration.ofMillis(asked);
    boolean tooLong = wait.compareTo(rules.longestPoll()) > 0;
    return next(job, job.getLooks() + 1, now, tooLong ? rules.longestPoll() : wait);
  }

  /** The next look is not later than the moment to call the job off. */
  private Job next(Job job, int looks, Instant now, Duration wait) {
    Instant then = now.plus(wait);
    Instant rescueAt = rules.rescueAt(job.getDeadlineAt());
    boolean tooLate = job.getStage() != JobStage.CANCELLING && rescueAt.isBefore(then);
    Instant nextAt = !tooLate ? then : rescueAt.isAfter(now) ? rescueAt : now;
    return copy(job, job.getStage(), job.getRef(), job.getTask(), null, nextAt, looks);
  }

  private static Job copy(
      Job job,
      JobStage stage,
      @Nullable String ref,
      int task,
      @Nullable Instant taskUntil,
      @Nullable Instant nextAt,
      int looks) {
    return new Job(
        job.getId(),
        job.getWindow(),
        job.getProvider(),
        job.getModel(),
        job.getPartition(),
        job.getLines(),
        stage,
        job.getSealedAt(),
        job.getDeadlineAt(),
        job.getLatestAt(),
        ref,
        task,
        taskUntil,
        nextAt,
        looks);
  }
}
