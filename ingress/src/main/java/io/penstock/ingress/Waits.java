package io.penstock.ingress;

import io.penstock.client.ClientException;
import io.penstock.client.Submission;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceResponse;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waiting for a response on the caller's own thread, and what becomes of the wait. */
final class Waits {
  // Told before the deadline, a caller can still do something about it.
  private static final Duration BEFORE_THE_DEADLINE = Duration.ofMillis(50);

  private static final Logger LOG = LoggerFactory.getLogger(Waits.class);

  private final Deadlines deadlines;

  Waits(Deadlines deadlines) {
    this.deadlines = deadlines;
  }

  /** How a wait ended. */
  sealed interface End {
    /** With the response. */
    record Response(InferenceResponse response) implements End {}

    /** Without it; the request is durable and goes on. */
    record Later() implements End {}

    /** The request may not be durable. */
    record NotAccepted(Failure failure) implements End {}
  }

  /**
   * Waits until then, or, when the request is not durable just before, until just before.
   *
   * @param until as {@link System#nanoTime()} counts
   */
  End await(Submission submission, long until) {
    long justBefore = until - BEFORE_THE_DEADLINE.toNanos();
    boolean inTime = justBefore - System.nanoTime() > 0;
    try (var _ =
        inTime
            ? deadlines.at(justBefore, () -> waitOnIfDurable(submission, until))
            : deadlines.at(until, () -> giveUp(submission))) {
      return new End.Response(submission.response().get());
    } catch (CancellationException e) {
      return durable(submission) ? new End.Later() : notInTime();
    } catch (ExecutionException e) {
      return broken(submission, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return durable(submission) ? new End.Later() : notInTime();
    } finally {
      giveUp(submission);
    }
  }

  private void waitOnIfDurable(Submission submission, long until) {
    if (durable(submission)) {
      var _ = deadlines.at(until, () -> giveUp(submission));
    } else {
      giveUp(submission);
    }
  }

  private static void giveUp(Submission submission) {
    submission.response().cancel(false);
  }

  private static boolean durable(Submission submission) {
    CompletableFuture<Void> accepted = submission.accepted();
    return accepted.isDone() && !accepted.isCompletedExceptionally();
  }

  private static End broken(Submission submission, @Nullable Throwable e) {
    if (e instanceof ClientException.Closed && durable(submission)) {
      return new End.Later(); // We are going down; the request is not.
    }
    return new End.NotAccepted(failure(e));
  }

  private static End notInTime() {
    return new End.NotAccepted(
        Reason.UNAVAILABLE.because(
            "the request was not stored in time, as far as we know: try again"));
  }

  /** Why a request could not be handed over. */
  static Failure failure(@Nullable Throwable e) {
    return switch (e) {
      case ClientException.Closed _ ->
          Reason.UNAVAILABLE.because("this instance is closing: try again");
      case ClientException.Unavailable _ ->
          Reason.UNAVAILABLE.because(
              "the request could not be stored, as far as we know: try again");
      case ClientException.Refused refused -> {
        LOG.warn("a request could not be stored: {}", refused.getMessage());
        yield Reason.INTERNAL_ERROR.because("the request could not be stored");
      }
      case null, default -> {
        LOG.warn("a request could not be stored", e);
        yield Reason.INTERNAL_ERROR.because("the request could not be stored");
      }
    };
  }
}
