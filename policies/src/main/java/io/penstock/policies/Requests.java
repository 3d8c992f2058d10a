package io.penstock.policies;

import io.penstock.schemas.TrustedRecords;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.Options;
import io.penstock.schemas.avro.ResponseFormat;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Copies of requests with one thing changed. Every field is named once, so that a new one stops the
 * build until someone decides what becomes of it here.
 */
public final class Requests {
  static {
    TrustedRecords.trust();
  }

  private Requests() {}

  /** The same request with its times filled in. */
  public static InferenceRequest timed(InferenceRequest r, Instant acceptedAt, Instant deadlineAt) {
    return copy(r, r.getId(), r, acceptedAt, deadlineAt, r.getReplyPartition());
  }

  /** The same request under another id. */
  public static InferenceRequest named(InferenceRequest r, String id) {
    return copy(r, id, r, r.getAcceptedAt(), r.getDeadlineAt(), r.getReplyPartition());
  }

  /** The same request, to be answered on another partition; null lets its id decide. */
  public static InferenceRequest withReply(InferenceRequest r, @Nullable Integer replyPartition) {
    return copy(r, r.getId(), r, r.getAcceptedAt(), r.getDeadlineAt(), replyPartition);
  }

  /** What a waiting request must remember: everything but what it asks, which is its leader's. */
  public static InferenceRequest withoutQuestion(InferenceRequest r) {
    return copy(r, r.getId(), null, r.getAcceptedAt(), r.getDeadlineAt(), r.getReplyPartition());
  }

  /**
   * What a second response to an answered request takes: neither its text nor its metadata, and of
   * its options only what tells whether an answer is complete.
   */
  public static InferenceRequest addressOf(InferenceRequest r) {
    return InferenceRequest.newBuilder(withoutQuestion(r))
        .setMetadata(Map.of())
        .setAsides(null)
        .setOptions(formOf(r.getOptions()))
        .build();
  }

  private static @Nullable Options formOf(@Nullable Options o) {
    if (o == null || (o.getChoices() == 1 && o.getResponseFormat() == null)) {
      return null;
    }
    ResponseFormat format = o.getResponseFormat();
    return Options.newBuilder()
        .setChoices(o.getChoices())
        .setResponseFormat(
            format == null ? null : ResponseFormat.newBuilder().setType(format.getType()).build())
        .build();
  }

  /** A request that was stored without its question, with that of its equal. */
  public static InferenceRequest withQuestionOf(InferenceRequest r, InferenceRequest equal) {
    return copy(r, r.getId(), equal, r.getAcceptedAt(), r.getDeadlineAt(), r.getReplyPartition());
  }

  /**
   * @param question the request whose question is asked; null leaves it out
   */
  private static InferenceRequest copy(
      InferenceRequest r,
      String id,
      @Nullable InferenceRequest question,
      @Nullable Instant acceptedAt,
      @Nullable Instant deadlineAt,
      @Nullable Integer replyPartition) {
    return new InferenceRequest(
        id,
        r.getTenant(),
        r.getModel(),
        question == null ? List.of() : question.getMessages(),
        r.getMaxTokens(),
        r.getTemperature(),
        r.getUseCache(),
        acceptedAt,
        deadlineAt,
        r.getIdempotencyKey(),
        replyPartition,
        r.getMetadata(),
        r.getEndpoint(),
        question == null ? null : question.getInput(),
        question == null ? null : question.getOptions(),
        r.getDialect(),
        r.getAsides(),
        r.getCache(),
        r.getKeyId(),
        r.getServiceTier(),
        r.getStream());
  }
}
