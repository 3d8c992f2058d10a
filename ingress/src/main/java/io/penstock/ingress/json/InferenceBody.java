package io.penstock.ingress.json;

import io.penstock.schemas.avro.Dialect;
import io.penstock.schemas.avro.Endpoint;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An inference request as a caller wrote it: of the right form, not yet judged.
 *
 * @param askedIn the field the messages came in
 */
public record InferenceBody(
    List<Message> messages,
    String askedIn,
    String model,
    @Nullable Integer maxTokens,
    @Nullable Double temperature,
    @Nullable Lane lane,
    boolean useCache,
    @Nullable Duration deadline,
    Map<String, String> metadata) {

  /** The lane it names, or the one it comes in by. */
  public Lane laneOr(Lane usual) {
    return lane == null ? usual : lane;
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

  public InferenceRequest toRequest(
      String id, String tenant, @Nullable String idempotencyKey, Instant acceptedAt) {
    return new InferenceRequest(
        id,
        tenant,
        model,
        messages,
        maxTokens,
        temperature,
        useCache,
        acceptedAt,
        deadline == null ? null : acceptedAt.plus(deadline),
        idempotencyKey,
        null,
        metadata,
        Endpoint.CHAT,
        null,
        null,
        Dialect.PENSTOCK,
        null,
        null,
        null,
        null,
        false);
  }
}
