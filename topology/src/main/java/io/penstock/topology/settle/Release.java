package io.penstock.topology.settle;

import io.penstock.policies.coalesce.Effect;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.AttemptEnded;
import io.penstock.schemas.avro.CachedAnswer;
import io.penstock.schemas.avro.Cause;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.Follower;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.ServedBy;
import io.penstock.schemas.avro.Settled;
import io.penstock.topology.admit.Idempotency;
import io.penstock.topology.coalesce.InFlight;
import io.penstock.topology.flow.Exits;
import io.penstock.topology.flow.Replies;
import io.penstock.topology.flow.StateStores;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Answers everyone who waited for a dispatch that ended. Used by the stream thread only. */
final class Release {
  private final Settle.Laws laws;
  private final InFlight inFlight;
  private final Exits exits;
  private final Idempotency idempotency;
  private final KeyValueStore<String, CachedAnswer> answers;

  Release(ProcessingContext context, Settle.Laws laws, InFlight inFlight, Exits exits) {
    this.laws = laws;
    this.inFlight = inFlight;
    this.exits = exits;
    this.idempotency = new Idempotency(context);
    this.answers = context.getStateStore(StateStores.ANSWERS);
  }

  /**
   * Answers whoever waited for what is settled.
   *
   * @param cost the event of the attempt that ended it; null where the clock did
   */
  void release(String fingerprint, Effect.Release release, @Nullable CostEvent cost) {
    Settled settled = release.settled();
    InferenceRequest leader = settled.getLeader();
    if (leader == null) {
      return;
    }
    List<Follower> followers =
        inFlight.followers(fingerprint, settled.getGroup()).stream()
            .filter(release::answers)
            .toList();
    switch (release.outcome()) {
      case Effect.Outcome.Answered(AttemptEnded ended) ->
          answer(fingerprint, settled, leader, followers, ended, spent(settled, cost));
      case Effect.Outcome.Failed(Failure failure) ->
          fail(fingerprint, settled, leader, followers, failure);
    }
  }

  private void answer(
      String fingerprint,
      Settled settled,
      InferenceRequest leader,
      List<Follower> followers,
      AttemptEnded ended,
      @Nullable Long spentPicoUsd) {
    Answer answer = (Answer) ended.getOutcome();
    Instant now = exits.now();
    InferenceResponse response =
        Replies.called(leader, settled.getLane(), ended, answer, spentPicoUsd, fingerprint, now);
    CachedAnswer stored =
        new CachedAnswer(
            answer,
            ended.getAttempt().getProvider(),
            billedModel(ended),
            ended.getUsage(),
            ended.getEndedAt());
    if (laws.freshness().storable(leader, answer)) {
      answers.put(fingerprint, stored);
    }
    send(leader, response);
    for (Follower follower : followers) {
      if (follower.getEcho()) {
        exits.reply(Replies.again(response, follower.getRequest().getReplyPartition()));
      } else {
        share(fingerprint, follower, stored, now);
      }
    }
  }

  private void share(String fingerprint, Follower follower, CachedAnswer stored, Instant now) {
    CostEvent avoided =
        laws.costing()
            .avoided(follower.getRequest(), follower.getLane(), stored, Cause.COALESCED, now);
    send(
        follower.getRequest(),
        Replies.shared(
            follower.getRequest(),
            follower.getLane(),
            stored,
            ServedBy.COALESCED,
            avoided,
            fingerprint,
            now));
    exits.cost(avoided);
  }

  private void fail(
      String fingerprint,
      Settled settled,
      InferenceRequest leader,
      List<Follower> followers,
      Failure failure) {
    Instant now = exits.now();
    InferenceResponse response =
        Replies.failed(
            leader, settled.getLane(), failure, settled.getSpentPicoUsd(), fingerprint, now);
    send(leader, response);
    for (Follower follower : followers) {
      if (follower.getEcho()) {
        exits.reply(Replies.again(response, follower.getRequest().getReplyPartition()));
      } else {
        send(
            follower.getRequest(),
            Replies.failed(
                follower.getRequest(), follower.getLane(), failure, 0L, fingerprint, now));
      }
    }
  }

  private void send(InferenceRequest request, InferenceResponse response) {
    idempotency.remember(request, response);
    exits.reply(response);
  }

  private static @Nullable Long spent(Settled settled, @Nullable CostEvent last) {
    Long spent = last == null ? null : last.getSpentPicoUsd();
    return spent == null ? null : settled.getSpentPicoUsd() + spent;
  }

  private static String billedModel(AttemptEnded ended) {
    String billed = ended.getBilledModel();
    return billed == null ? ended.getAttempt().getModel() : billed;
  }
}
