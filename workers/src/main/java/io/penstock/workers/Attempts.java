package io.penstock.workers;

import io.penstock.policies.Reason;
import io.penstock.schemas.Tokens;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptBegun;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Usage;
import io.penstock.workers.provider.Bill;
import io.penstock.workers.provider.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes attempts known before they are made, and what they brought when they end. */
record Attempts(WorkerSettings settings, Results results, InstantSource clock) {
  private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);

  /**
   * A new attempt, yet to be opened.
   *
   * @param before attempts this worker has made at the assignment
   */
  Attempt next(Assignment assignment, int before, Candidate candidate) {
    return assignment.attempt(before, candidate, settings.worker(), clock.instant());
  }

  /**
   * Makes an attempt known. Only when {@code begin} runs may the provider be called; {@code forgo}
   * runs instead when the attempt is given up.
   *
   * @param limit until when the call may begin
   * @param takenUp within what time a given-up assignment is worked on again elsewhere
   */
  Opening open(
      Assignment assignment,
      Attempt attempt,
      TimeLimit limit,
      Duration takenUp,
      Runnable begin,
      Runnable forgo) {
    Duration lease = settings.timing().lease(attempt.getLane());
    var started = new AttemptStarted(attempt, lease.toMillis());
    return new Opening(
        results.started(assignment.fingerprint(), started),
        limit,
        new Opening.Deed() {
          @Override
          public void begin() {
            begin.run();
          }

          @Override
          public void forgo() {
            forgo.run();
          }

          // What is known but was given up must not pass for a call, which costs money.
          @Override
          public void withdraw() {
            var nothing =
                Result.Failed.of(
                    Reason.UNAVAILABLE, "the broker was too slow to begin; nothing was called");
            end(assignment, attempt, nothing, null, takenUp);
          }
        });
  }

  /** Lets the attempt's window know that its answer begins. Should that fail, it hears the end. */
  void begun(String fingerprint, Attempt attempt, String window) {
    var _ =
        results.begun(
            fingerprint, new AttemptBegun(attempt.getId(), attempt.getDispatchId(), window));
  }

  /**
   * Writes what an attempt brought. The producer keeps trying by itself; an end that cannot be
   * written leaves an orphan.
   *
   * @param firstTokenAt when the first piece of a streamed answer was there, if one was
   * @param retryAfter the wait before the next attempt, when there will be one
   */
  void end(
      Assignment assignment,
      Attempt attempt,
      Result result,
      @Nullable Instant firstTokenAt,
      @Nullable Duration retryAfter) {
    var _ =
        ended(assignment, attempt, result, firstTokenAt, retryAfter)
            .exceptionally(failure -> {
              LOG.error(
                  "the end of attempt {} could not be written: it will count as an orphan",
                  attempt.getId(),
                  failure);
              return null;
            });
  }

  /** As above; the future tells when it is durable, or that it never will be. */
  CompletableFuture<Void> ended(
      Assignment assignment,
      Attempt attempt,
      Result result,
      @Nullable Instant firstTokenAt,
      @Nullable Duration retryAfter) {
    Object outcome =
        switch (result) {
          case Result.Answered answered -> answered.answer();
          case Result.Failed failed -> failure(failed);
        };
    Bill bill = result.bill();
    var event =
        new AttemptEnded(
            attempt,
            clock.instant(),
            outcome,
            bill.model(),
            usage(bill.usage()),
            retryAfter == null ? null : retryAfter.toMillis(),
            bill.serviceTier(),
            bill.notes(),
            usage(bill.counted()),
            firstTokenAt);
    return results.ended(assignment.fingerprint(), event);
  }

  /** With the wait that the provider asked for: whoever gets the failure may keep it. */
  private static Failure failure(Result.Failed failed) {
    Failure failure = failed.reason().because(failed.message());
    Duration wait = failed.advice().retryAfter();
    return new Failure(
        failure.getCode(),
        failure.getMessage(),
        failure.getField(),
        failure.getRetryable(),
        wait == null ? null : wait.toMillis(),
        null);
  }

  private static @Nullable Usage usage(@Nullable Tokens tokens) {
    return tokens == null ? null : tokens.toUsage();
  }
}
