package io.penstock.topology.settle;

import io.penstock.policies.coalesce.Effect;
import io.penstock.policies.coalesce.SingleFlight;
import io.penstock.policies.cost.Costing;
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
   * Answers whoever waited for what is settled. Nothing said here depends on the clock: what is
   * said again after a crash is the same.
   */
  void release(String fingerprint, Effect.Release release) {
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
          answer(fingerprint, settled, leader, followers, ended);
      case Effect.Outcome.Failed(Failure failure) ->
          fail(fingerprint, release, leader, followers, failure);
    }
  }

  private void answer(
      String fingerprint,
      Settled settled,
      InferenceRequest leader,
      List<Follower> followers,
      AttemptEnded ended) {
    Answer answer = (Answer) ended.getOutcome();
    CachedAnswer stored =
        new CachedAnswer(
            answer,
            ended.getAttempt().getProvider(),
            Costing.billedModel(ended),
            ended.getUsage(),
            ended.getEndedAt(),
            Costing.billedTier(ended));
    InferenceResponse response =
        Replies.called(
            leader,
            settled.getLane(),
            stored,
            settled.getSpentPicoUsd(),
            fingerprint,
            ended.getEndedAt());
    if (laws.freshness().storable(leader, answer)) {
      answers.put(fingerprint, stored);
    }
    send(leader, response);
    for (Follower follower : followers) {
      if (follower.getEcho()) {
        exits.reply(Replies.again(response, follower.getRequest().getReplyPartition()));
      } else {
        share(fingerprint, follower, stored, ended.getEndedAt());
      }
    }
  }

  private void share(String fingerprint, Follower follower, CachedAnswer stored, Instant at) {
    CostEvent avoided =
        laws.costing()
            .avoided(
                follower.getRequest(),
                follower.getLane(),
                fingerprint,
                stored,
                Cause.COALESCED,
                at);
    send(
        follower.getRequest(),
        Replies.shared(
            follower.getRequest(),
            follower.getLane(),
            stored,
            ServedBy.COALESCED,
            avoided,
            fingerprint,
            at));
    exits.cost(avoided);
  }

  private void fail(
      String fingerprint,
      Effect.Release release,
      InferenceRequest leader,
      List<Follower> followers,
      Failure failure) {
    Settled settled = release.settled();
    Instant at = settled.getEndedAt();
    InferenceResponse response =
        Replies.failed(
            leader, settled.getLane(), failure, settled.getSpentPicoUsd(), fingerprint, at);
    send(leader, response);
    for (Follower follower : followers) {
      if (follower.getEcho()) {
        exits.reply(Replies.again(response, follower.getRequest().getReplyPartition()));
      } else {
        send(
            follower.getRequest(),
            Replies.failed(
                follower.getRequest(),
                follower.getLane(),
                release.failureOf(follower, failure),
                0L,
                fingerprint,
                at));
      }
    }
  }

  /** Tells a follower that it waits no longer, as it wished. */
  void dismiss(String fingerprint, Follower follower) {
    Instant at = follower.getWithdrawnAt();
    if (at == null) {
      throw new IllegalArgumentException("a follower that still waits is not dismissed");
    }
    exits.reply(
        Replies.failed(
            follower.getRequest(),
            follower.getLane(),
            SingleFlight.WITHDRAWN,
            0L,
            fingerprint,
            at));
  }

  private void send(InferenceRequest request, InferenceResponse response) {
    idempotency.remember(request, response);
    exits.reply(response);
  }
}
