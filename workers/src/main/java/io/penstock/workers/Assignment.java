package io.penstock.workers;

import io.penstock.policies.batch.JobRules;
import io.penstock.policies.cost.TokenEstimate;
import io.penstock.schemas.avro.Attempt;
import io.penstock.schemas.avro.Candidate;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.PromptCache;
import io.penstock.workers.provider.Caller;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A dispatch as this worker can work on it.
 *
 * @param plan the dispatch's candidates of providers that this worker can call; at least one
 * @param estimatedInput tokens, guessed once for all attempts
 */
record Assignment(Dispatch dispatch, List<Candidate> plan, long estimatedInput) {

  static Assignment of(Dispatch dispatch, List<Candidate> plan) {
    return new Assignment(
        dispatch, plan, TokenEstimate.input(leader(dispatch), plan.getFirst().getModel()));
  }

  /** The request that the answer is for; equal ones follow it in the topology. */
  InferenceRequest leader() {
    return leader(dispatch);
  }

  private static InferenceRequest leader(Dispatch dispatch) {
    return dispatch.getRequests().getFirst();
  }

  /**
   * What a candidate is told of its prefix cache; null for nothing. It was decided for the first of
   * the plan as it was routed.
   */
  @Nullable PromptCache promptCache(Candidate candidate) {
    return candidate.equals(dispatch.getPlan().getFirst()) ? dispatch.getPromptCache() : null;
  }

  /** The window that is to hear when an answer begins; of the first of the plan, as above. */
  private @Nullable String window(Candidate candidate) {
    return candidate.equals(dispatch.getPlan().getFirst()) ? dispatch.getWindow() : null;
  }

  /** Whose turn it must be, where calls have to wait. */
  Caller caller() {
    Integer limit = leader().getMaxTokens();
    return new Caller(
        dispatch.getLane(), leader().getTenant(), estimatedInput + (limit == null ? 0 : limit));
  }

  String fingerprint() {
    return dispatch.getFingerprint();
  }

  /**
   * A new attempt.
   *
   * @param before attempts that this worker has made at the dispatch
   */
  Attempt attempt(int before, Candidate candidate, String worker, Instant now) {
    return attempt(
        UUID.randomUUID().toString(),
        dispatch.getFirstAttempt() + before,
        candidate,
        worker,
        now,
        leader().getServiceTier(),
        window(candidate));
  }

  /**
   * An attempt that is a line of a batch: the same, however often and wherever it is made up.
   *
   * @param id of the line
   * @param at when the batch was made up
   */
  Attempt line(String id, Candidate candidate, String worker, Instant at) {
    return attempt(id, dispatch.getFirstAttempt(), candidate, worker, at, JobRules.TIER, null);
  }

  private Attempt attempt(
      String id,
      int number,
      Candidate candidate,
      String worker,
      Instant at,
      @Nullable String tier,
      @Nullable String window) {
    InferenceRequest leader = leader();
    return new Attempt(
        id,
        dispatch.getId(),
        number,
        worker,
        candidate.getProvider(),
        candidate.getModel(),
        leader.getModel(),
        leader.getId(),
        leader.getTenant(),
        dispatch.getLane(),
        at,
        estimatedInput,
        leader.getMaxTokens(),
        leader.getMetadata(),
        leader.getKeyId(),
        tier,
        window);
  }
}
