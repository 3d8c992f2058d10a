package io.penstock.topology.flow;

import io.penstock.policies.fingerprint.Fingerprint;
import io.penstock.schemas.avro.CachedAnswer;
import io.penstock.schemas.avro.CostEvent;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.ServedBy;
import io.penstock.schemas.avro.Status;
import io.penstock.schemas.avro.Usage;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The responses a request can get, one method each. */
public final class Replies {
  private Replies() {}

  /**
   * Refused before anything was dispatched. The fingerprint tells whoever waits whether it is their
   * text that was refused: under one idempotency key two texts share an id.
   */
  public static InferenceResponse rejected(
      InferenceRequest request, Lane lane, Failure failure, Instant now) {
    String fingerprint = Fingerprint.of(request).hex();
    return withoutAnswer(request, lane, Status.REJECTED, failure, 0L, fingerprint, now);
  }

  /** Accepted, and yet without an answer. */
  public static InferenceResponse failed(
      InferenceRequest request,
      Lane lane,
      Failure failure,
      @Nullable Long spentPicoUsd,
      String fingerprint,
      Instant completedAt) {
    return withoutAnswer(
        request, lane, Status.FAILED, failure, spentPicoUsd, fingerprint, completedAt);
  }

  /** Answered by the provider call that was made for this request. */
  public static InferenceResponse called(
      InferenceRequest request,
      Lane lane,
      CachedAnswer answer,
      @Nullable Long spentPicoUsd,
      String fingerprint,
      Instant completedAt) {
    return answered(
        request, lane, answer, ServedBy.PROVIDER, spentPicoUsd, 0L, fingerprint, completedAt);
  }

  /** Answered without a call of its own. */
  public static InferenceResponse shared(
      InferenceRequest request,
      Lane lane,
      CachedAnswer answer,
      ServedBy servedBy,
      CostEvent avoided,
      String fingerprint,
      Instant completedAt) {
    return answered(
        request, lane, answer, servedBy, 0L, avoided.getAvoidedPicoUsd(), fingerprint, completedAt);
  }

  /** The same response again, to another place. */
  public static InferenceResponse again(InferenceResponse r, @Nullable Integer replyPartition) {
    return new InferenceResponse(
        r.getId(),
        r.getTenant(),
        r.getLane(),
        r.getStatus(),
        r.getAnswer(),
        r.getFailure(),
        r.getServedBy(),
        r.getProvider(),
        r.getModel(),
        r.getUsage(),
        r.getSpentPicoUsd(),
        r.getAvoidedPicoUsd(),
        r.getFingerprint(),
        r.getAcceptedAt(),
        r.getCompletedAt(),
        replyPartition,
        r.getServiceTier());
  }

  private static InferenceResponse answered(
      InferenceRequest request,
      Lane lane,
      CachedAnswer answer,
      ServedBy servedBy,
      @Nullable Long spentPicoUsd,
      @Nullable Long avoidedPicoUsd,
      String fingerprint,
      Instant completedAt) {
    @Nullable Usage usage = answer.getUsage();
    return new InferenceResponse(
        request.getId(),
        request.getTenant(),
        lane,
        Status.ANSWERED,
        answer.getAnswer(),
        null,
        servedBy,
        answer.getProvider(),
        answer.getModel(),
        usage,
        spentPicoUsd,
        avoidedPicoUsd,
        fingerprint,
        acceptedAt(request, completedAt),
        completedAt,
        request.getReplyPartition(),
        answer.getServiceTier());
  }

  private static InferenceResponse withoutAnswer(
      InferenceRequest request,
      Lane lane,
      Status status,
      Failure failure,
      @Nullable Long spentPicoUsd,
      @Nullable String fingerprint,
      Instant completedAt) {
    return new InferenceResponse(
        request.getId(),
        request.getTenant(),
        lane,
        status,
        null,
        failure,
        null,
        null,
        null,
        null,
        spentPicoUsd,
        0L,
        fingerprint,
        acceptedAt(request, completedAt),
        completedAt,
        request.getReplyPartition(),
        null);
  }

  private static Instant acceptedAt(InferenceRequest request, Instant otherwise) {
    Instant acceptedAt = request.getAcceptedAt();
    return acceptedAt == null ? otherwise : acceptedAt;
  }
}
