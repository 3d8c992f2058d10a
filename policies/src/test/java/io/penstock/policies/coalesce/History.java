package io.penstock.policies.coalesce;

import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.AttemptRenewed;
import io.penstock.schemas.avro.AttemptStarted;
import io.penstock.schemas.avro.DispatchDropped;
import io.penstock.schemas.avro.InferenceRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the world outside the topology has seen of a walk. */
final class History {
  /** Outcomes by request id; more than one means that somebody was told two things. */
  final Map<String, Set<String>> outcomes = new HashMap<>();

  /** Requesters (a request id and where it is replied to) that were answered. */
  final Set<String> answered = new HashSet<>();

  /** Ids of requests whose answer is no longer wanted. */
  final Set<String> withdrawn = new HashSet<>();

  final Set<String> asked = new LinkedHashSet<>();
  final Map<String, Attempt> started = new LinkedHashMap<>();
  final Set<String> accounted = new HashSet<>();
  final Map<String, Attempt> writtenOff = new HashMap<>();
  final List<String> log = new ArrayList<>();

  void note(String line) {
    log.add(line);
  }

  static String requester(InferenceRequest request) {
    return request.getId() + "@" + request.getReplyPartition();
  }

  void seen(Output output) {
    switch (output) {
      case Output.Work(String dispatchId, int firstAttempt, var deadlineAt) ->
          note("  out: work " + dispatchId + " from attempt " + firstAttempt + " by " + deadlineAt);
      case Output.Response(InferenceRequest request, String outcome) -> {
        note("  out: response to " + requester(request) + ": " + outcome);
        answered.add(requester(request));
        outcomes.computeIfAbsent(request.getId(), id -> new LinkedHashSet<>()).add(outcome);
      }
      case Output.Cancelled(String dispatchId) -> note("  out: cancel " + dispatchId);
      case Output.Spent(String attemptId) -> accounted.add(attemptId);
      case Output.Estimated(Attempt attempt) -> {
        note("  out: estimate of " + attempt.getId());
        Attempt before = writtenOff.putIfAbsent(attempt.getId(), attempt);
        if (before != null && !before.equals(attempt)) {
          throw new AssertionError(attempt.getId() + " is written off twice differently");
        }
      }
    }
  }

  static String brief(Object result) {
    return switch (result) {
      case AttemptStarted started -> "started " + started.getAttempt().getId();
      case AttemptRenewed renewed -> "renewed " + renewed.getAttemptId();
      case AttemptEnded ended ->
          "ended %s: %s"
              .formatted(
                  ended.getAttempt().getId(),
                  ended.getRetryAfterMs() == null
                      ? ended.getOutcome()
                      : "retry after " + ended.getRetryAfterMs());
      case DispatchDropped dropped -> "dropped " + dropped.getDispatchId();
      default -> throw new IllegalArgumentException("no result: " + result);
    };
  }

  static String brief(Effect.Outcome outcome) {
    return switch (outcome) {
      case Effect.Outcome.Answered(var ended) -> "answer of " + ended.getAttempt().getId();
      case Effect.Outcome.Failed(var failure) -> failure.getCode() + ": " + failure.getMessage();
    };
  }
}
