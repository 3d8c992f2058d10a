package io.penstock.ingress.json;

import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A request as a caller wrote it: of the right form, not yet judged.
 *
 * @param askedIn the field that says what is asked
 */
public record InferenceBody(Question question, String askedIn, Wishes wishes, Streaming streaming) {

  /** Whether the answer is wanted piece by piece. */
  public enum Streaming {
    NO,
    YES,
    /** And at its end what it took, for those whose API leaves that out unless it is asked for. */
    WITH_USAGE
  }

  /** The lane it names, or the one it comes in by. */
  public Lane laneOr(Lane usual) {
    Lane lane = wishes.lane();
    return lane == null ? usual : lane;
  }

  public boolean streams() {
    return streaming != Streaming.NO;
  }

  /** With what was said beside the body; what the body itself says comes first. */
  public InferenceBody with(Wishes beside) {
    return new InferenceBody(question, askedIn, wishes.orElse(beside), streaming);
  }

  /** As one whose answer is wanted piece by piece. */
  public InferenceBody streamed() {
    return streams() ? this : new InferenceBody(question, askedIn, wishes, Streaming.YES);
  }

  /** Names the field the caller used, where it is the prompt that is at fault. */
  public Failure inItsWords(Failure failure) {
    return RequestFields.PROMPT.equals(failure.getField())
        ? new Failure(
            failure.getCode(),
            failure.getMessage(),
            askedIn,
            failure.getRetryable(),
            failure.getRetryAfterMs(),
            failure.getRemainingPicoUsd())
        : failure;
  }

  /**
   * @param keyId names the key the caller came with
   */
  public InferenceRequest toRequest(
      String id,
      String tenant,
      @Nullable String keyId,
      @Nullable String idempotencyKey,
      Instant acceptedAt) {
    return new InferenceRequest(
        id,
        tenant,
        question.model(),
        question.messages(),
        question.maxTokens(),
        question.temperature(),
        !Boolean.FALSE.equals(wishes.useCache()),
        acceptedAt,
        wishes.deadline() == null ? null : acceptedAt.plus(wishes.deadline()),
        idempotencyKey,
        null,
        wishes.metadata(),
        question.endpoint(),
        question.input(),
        question.options(),
        question.dialect(),
        question.asides(),
        wishes.cache(),
        keyId,
        question.serviceTier(),
        streams());
  }
}
