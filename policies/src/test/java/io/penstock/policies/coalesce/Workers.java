package io.penstock.policies.coalesce;

import static io.penstock.policies.AnAttempt.anAttempt;

import io.penstock.policies.AnAttempt;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.DispatchDropped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/** Workers that take dispatches and call, well or badly. */
final class Workers {
  private static final List<Reason> FINAL =
      List.of(Reason.PROVIDER_REJECTED, Reason.PROVIDER_TIMEOUT, Reason.RATE_LIMITED);

  private final Faults faults;
  private final Random random;
  private final History history;
  private final List<Output.Work> queue = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();
  private final Set<String> cancelled = new HashSet<>();

  private static final class Call {
    final Output.Work work;
    final int number;
    final String attemptId;
    Instant renewAt;
    Instant pausedUntil = Instant.MIN;
    boolean seemedDead;

    Call(Output.Work work, int number, String attemptId, Instant renewAt) {
      this.work = work;
      this.number = number;
      this.attemptId = attemptId;
      this.renewAt = renewAt;
    }

    boolean paused(Instant now) {
      return now.isBefore(pausedUntil);
    }

    AnAttempt attempt() {
      return anAttempt(attemptId).at(work.dispatchId()).numbered(number);
    }
  }

  private record Retry(Output.Work work, int number, Instant at) {}

  private final List<Retry> retries = new ArrayList<>();

  Workers(Faults faults, Random random, History history) {
    this.faults = faults;
    this.random = random;
    this.history = history;
  }

  void offer(Output.Work work) {
    queue.add(work);
  }

  /** Nobody waits for a dispatch any more: whoever has it hears of that, most of the time. */
  void cancel(String dispatchId) {
    if (random.nextInt(4) > 0) {
      cancelled.add(dispatchId);
    }
  }

  boolean idle() {
    return queue.isEmpty() && calls.isEmpty() && retries.isEmpty();
  }

  /** Whether a dispatch is queued, or in the hands of a worker that has never seemed dead. */
  boolean tries(String dispatchId) {
    return queue.stream().anyMatch(work -> work.dispatchId().equals(dispatchId))
        || retries.stream().anyMatch(retry -> retry.work().dispatchId().equals(dispatchId))
        || calls.stream()
            .anyMatch(call -> !call.seemedDead && call.work.dispatchId().equals(dispatchId));
  }

  /** Calls that run, and workers that wait to call again. */
  int busy() {
    return calls.size() + retries.size();
  }

  /** What must happen in time: renewals, and retries whose wait is over. */
  void tick(Instant now, Consumer<Object> publish) {
    hangUp(now, publish);
    for (Call call : calls) {
      if (!call.paused(now) && !now.isBefore(call.renewAt)) {
        call.renewAt = now.plus(Story.LEASE.dividedBy(3));
        publish.accept(call.attempt().renewed(Story.LEASE));
      }
    }
    for (Retry retry : List.copyOf(retries)) {
      if (!now.isBefore(retry.at())) {
        retries.remove(retry);
        start(retry.work(), retry.number(), now, publish);
      }
    }
  }

  private void hangUp(Instant now, Consumer<Object> publish) {
    for (Call call : List.copyOf(calls)) {
      if (!call.paused(now) && cancelled.contains(call.work.dispatchId())) {
        calls.remove(call);
        publish.accept(call.attempt().failed(Reason.WITHDRAWN));
      }
    }
    for (Retry retry : List.copyOf(retries)) {
      if (cancelled.contains(retry.work().dispatchId())) {
        retries.remove(retry);
        publish.accept(withdrawn(retry.work()));
      }
    }
  }

  private static DispatchDropped withdrawn(Output.Work work) {
    return new DispatchDropped(work.dispatchId(), Reason.WITHDRAWN.because("nobody waits"));
  }

  /** Takes any dispatch of the queue. */
  void take(Instant now, Consumer<Object> publish) {
    if (queue.isEmpty()) {
      return;
    }
    Output.Work work = queue.remove(random.nextInt(queue.size()));
    if (cancelled.contains(work.dispatchId())) {
      publish.accept(withdrawn(work));
      return;
    }
    if (!now.isBefore(work.deadlineAt())) {
      publish.accept(
          new DispatchDropped(
              work.dispatchId(), Reason.DEADLINE_EXCEEDED.because("too late for a worker")));
      return;
    }
    if (faults.drop(random)) {
      publish.accept(
          new DispatchDropped(work.dispatchId(), Reason.UNAVAILABLE.because("no such provider")));
      return;
    }
    start(work, work.firstAttempt(), now, publish);
    if (faults.vanishUnacknowledged(random)) {
      history.note(now + " a worker dies before it acknowledges " + work.dispatchId());
      calls.removeLast();
      queue.add(work);
    }
  }

  /** Something happens to any call. */
  void act(Instant now, Consumer<Object> publish) {
    if (calls.isEmpty()) {
      return;
    }
    Call call = calls.get(random.nextInt(calls.size()));
    if (faults.vanish(random)) {
      history.note(now + " the worker of " + call.attemptId + " dies");
      calls.remove(call);
    } else if (faults.pause(random)) {
      call.seemedDead = true;
      call.pausedUntil = now.plusMillis(random.nextInt(20_000));
      history.note(now + " the worker of " + call.attemptId + " pauses until " + call.pausedUntil);
    } else if (!call.paused(now)) {
      end(call, now, publish);
    }
  }

  /** Everything comes to an end. */
  void finish(Instant now, Consumer<Object> publish) {
    retries.clear();
    for (Call call : List.copyOf(calls)) {
      calls.remove(call);
      if (!call.paused(now)) {
        publish.accept(call.attempt().answered("at last"));
      }
    }
    while (!queue.isEmpty()) {
      take(now, publish);
    }
  }

  private void start(Output.Work work, int number, Instant now, Consumer<Object> publish) {
    String attemptId = "a" + (history.started.size() + 1);
    var call = new Call(work, number, attemptId, now.plus(Story.LEASE.dividedBy(3)));
    calls.add(call);
    history.started.put(attemptId, call.attempt().build());
    publish.accept(call.attempt().started(Story.LEASE));
  }

  private void end(Call call, Instant now, Consumer<Object> publish) {
    calls.remove(call);
    if (!faults.fail(random)) {
      publish.accept(call.attempt().answered("an answer"));
    } else if (random.nextBoolean() || (call.seemedDead && faults.nothingHidden())) {
      // A flight remembers one wait; of two workers that wait at once it may take the wrong one
      // for over. That is hidden knowledge, too.
      publish.accept(call.attempt().failed(FINAL.get(random.nextInt(FINAL.size()))));
    } else {
      Duration wait = Duration.ofMillis(random.nextInt(8_000));
      publish.accept(call.attempt().failedToRetryAfter(wait));
      if (!faults.vanish(random)) {
        retries.add(new Retry(call.work, call.number + 1, now.plus(wait)));
      }
    }
  }
}
