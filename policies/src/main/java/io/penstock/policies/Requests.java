package io.penstock.policies;

import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Message;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Copies of requests with one thing changed. Every field is named once, so that a new one stops the
 * build until someone decides what becomes of it here.
 */
public final class Requests {
  private Requests() {}

  /** The same request with its times filled in. */
  public static InferenceRequest timed(InferenceRequest r, Instant acceptedAt, Instant deadlineAt) {
    return copy(r, r.getModel(), r.getMessages(), acceptedAt, deadlineAt, r.getReplyPartition());
  }

  /** The same request for a resolved model instead of {@code auto}. */
  public static InferenceRequest forModel(InferenceRequest r, String model) {
    return copy(
        r, model, r.getMessages(), r.getAcceptedAt(), r.getDeadlineAt(), r.getReplyPartition());
  }

  /** What a waiting request must remember: everything but its text. */
  public static InferenceRequest withoutMessages(InferenceRequest r) {
    return withMessages(r, List.of());
  }

  /** What a second response to an answered request takes: neither its text nor its metadata. */
  public static InferenceRequest addressOf(InferenceRequest r) {
    return InferenceRequest.newBuilder(withoutMessages(r)).setMetadata(Map.of()).build();
  }

  /** A request that was stored without its text, with the text of its equal. */
  public static InferenceRequest withMessages(InferenceRequest r, List<Message> messages) {
    return copy(
        r, r.getModel(), messages, r.getAcceptedAt(), r.getDeadlineAt(), r.getReplyPartition());
  }

  private static InferenceRequest copy(
      InferenceRequest r,
      String model,
      List<Message> messages,
      @Nullable Instant acceptedAt,
      @Nullable Instant deadlineAt,
      @Nullable Integer replyPartition) {
    return new InferenceRequest(
        r.getId(),
        r.getTenant(),
        model,
        messages,
        r.getMaxTokens(),
        r.getTemperature(),
        r.getUseCache(),
        acceptedAt,
        deadlineAt,
        r.getIdempotencyKey(),
        replyPartition,
        r.getMetadata());
  }
}
