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
    return copy(r, r.getId(), r.getMessages(), acceptedAt, deadlineAt, r.getReplyPartition());
  }

  /** The same request under another id. */
  public static InferenceRequest named(InferenceRequest r, String id) {
    return copy(
        r, id, r.getMessages(), r.getAcceptedAt(), r.getDeadlineAt(), r.getReplyPartition());
  }

  /** The same request, to be answered on another partition; null lets its id decide. */
  public static InferenceRequest withReply(InferenceRequest r, @Nullable Integer replyPartition) {
    return copy(
        r, r.getId(), r.getMessages(), r.getAcceptedAt(), r.getDeadlineAt(), replyPartition);
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
        r, r.getId(), messages, r.getAcceptedAt(), r.getDeadlineAt(), r.getReplyPartition());
  }

  private static InferenceRequest copy(
      InferenceRequest r,
      String id,
      List<Message> messages,
      @Nullable Instant acceptedAt,
      @Nullable Instant deadlineAt,
      @Nullable Integer replyPartition) {
    return new InferenceRequest(
        id,
        r.getTenant(),
        r.getModel(),
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
