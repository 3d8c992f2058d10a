package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A batch of calls, as its provider shows it. For any thread. */
final class Batch {
  final String id;
  final Order order;
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private Standing standing;

  /** From the first to the last; whatever comes after {@link #CANCELLING} is an end. */
  enum State {
    VALIDATING,
    IN_PROGRESS,
    FINALIZING,
    CANCELLING,
    COMPLETED,
    FAILED,
    EXPIRED,
    CANCELLED;

    boolean isOver() {
      return compareTo(CANCELLING) > 0;
    }
  }

  /**
   * What a caller asked for.
   *
   * @param endpoint where each call would be posted
   * @param metadata the caller's own; null where there is none
   */
  record Order(
      StoredFile input,
      String endpoint,
      @Nullable JsonNode metadata,
      Instant created,
      BatchTurns.Turn turn) {
    Instant expires() {
      return created.plus(turn.plan().window());
    }
  }

  /** Why a batch is not worked on at all; {@code line} counts from 1, where there is one. */
  record Problem(String code, @Nullable Integer line, String message, @Nullable String param) {}

  /** Items by how they ended; {@code total} are all. */
  record Counts(int total, int answered, int failed, int expired, int cancelled) {
    static final Counts NONE = new Counts(0, 0, 0, 0, 0);

    Counts with(ItemEnding ending) {
      return switch (ending) {
        case ItemEnding.Answered _ -> new Counts(total, answered + 1, failed, expired, cancelled);
        case ItemEnding.Failed _ -> new Counts(total, answered, failed + 1, expired, cancelled);
        case ItemEnding.Expired _ -> new Counts(total, answered, failed, expired + 1, cancelled);
        case ItemEnding.Cancelled _ -> new Counts(total, answered, failed, expired, cancelled + 1);
      };
    }
  }

  /**
   * How a batch stands at one moment.
   *
   * @param since when it came to each state that it has been in
   * @param use tokens of the items that were answered
   * @param output what it leaves behind when it is over; null before, and where there is nothing
   * @param errors as {@code output}, for providers that have two files
   */
  record Standing(
      State state,
      Map<State, Instant> since,
      Counts counts,
      TokenUse use,
      List<Problem> problems,
      @Nullable StoredFile output,
      @Nullable StoredFile errors) {
    Standing {
      since = Map.copyOf(since);
      problems = List.copyOf(problems);
    }

    Standing to(State next, Instant now) {
      Map<State, Instant> times = new EnumMap<>(State.class);
      times.putAll(since);
      times.put(next, now);
      return new Standing(next, times, counts, use, problems, output, errors);
    }

    Standing counting(Counts now, TokenUse used) {
      return new Standing(state, since, now, used, problems, output, errors);
    }

    Standing leaving(@Nullable StoredFile results, @Nullable StoredFile failures) {
      return new Standing(state, since, counts, use, problems, results, failures);
    }

    Standing because(List<Problem> wrong) {
      return new Standing(state, since, counts, use, wrong, output, errors);
    }
  }

  Batch(String id, Order order) {
    this.id = id;
    this.order = order;
    this.standing =
        new Standing(
            State.VALIDATING,
            Map.of(State.VALIDATING, order.created()),
            Counts.NONE,
            TokenUse.NONE,
            List.of(),
            null,
            null);
  }

  synchronized Standing standing() {
    return standing;
  }

  /** Stops it, unless it is nearly over; whether it stops, or had been stopped before. */
  synchronized boolean cancel(Instant now) {
    if (standing.state().compareTo(State.IN_PROGRESS) <= 0) {
      standing = standing.to(State.CANCELLING, now);
      cancelled.countDown();
    }
    return standing.state() == State.CANCELLING;
  }

  /** Waits; whether somebody has cancelled the batch. */
  boolean awaitCancel(Duration most) {
    try {
      return cancelled.await(most.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("nobody interrupts a batch", e);
    }
  }

  synchronized void begun(int items, Instant now) {
    standing = standing.counting(new Counts(items, 0, 0, 0, 0), TokenUse.NONE);
    advance(State.IN_PROGRESS, now);
  }

  /** Who was cancelled does not go on. */
  synchronized void advance(State next, Instant now) {
    if (standing.state() != State.CANCELLING) {
      standing = standing.to(next, now);
    }
  }

  synchronized void ended(ItemEnding ending) {
    TokenUse use =
        ending instanceof ItemEnding.Answered answered
            ? standing.use().plus(answered.use())
            : standing.use();
    standing = standing.counting(standing.counts().with(ending), use);
  }

  synchronized void refused(List<Problem> problems, Instant now) {
    standing = standing.because(problems).to(State.FAILED, now);
  }

  /** Ends with its files, all at once. */
  synchronized void over(
      State end, @Nullable StoredFile output, @Nullable StoredFile errors, Instant now) {
    standing = standing.leaving(output, errors).to(end, now);
  }
}
