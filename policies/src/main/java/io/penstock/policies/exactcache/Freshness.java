package io.penstock.policies.exactcache;

import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.CachedAnswer;
import io.penstock.schemas.avro.InferenceRequest;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which answers may be kept, and how long they may be served.
 *
 * @param timeToLive how long an answer is fresh
 */
public record Freshness(Duration timeToLive) {
  public static final Freshness DEFAULT = new Freshness(Duration.ofDays(1));

  private static final String COMPLETE = "stop";

  public Freshness {
    if (timeToLive.isNegative()) {
      throw new IllegalArgumentException("the time to live must not be negative: " + timeToLive);
    }
  }

  /** Whether a stored answer may serve {@code request}. */
  public boolean serves(@Nullable CachedAnswer stored, InferenceRequest request, Instant now) {
    return stored != null && request.getUseCache() && !expired(stored, now);
  }

  /** Whether a stored answer may be forgotten. */
  public boolean expired(CachedAnswer stored, Instant now) {
    return stored.getStoredAt().plus(timeToLive).isBefore(now);
  }

  /**
   * Whether an answer may be kept: only one that is complete, not empty, and asked for by a
   * requester who shares. A cut or filtered answer would be repeated to everyone.
   */
  public boolean storable(InferenceRequest request, Answer answer) {
    return request.getUseCache()
        && answer.getFinishReason().equals(COMPLETE)
        && !answer.getText().isEmpty();
  }
}
