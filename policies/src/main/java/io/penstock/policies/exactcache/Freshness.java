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

  /**
   * How long an answer is kept after it was last fresh. A request is judged as of its acceptance,
   * and may be looked at later than that: it waited in the log, or is read again after a crash. If
   * what it was served were gone by then, its second look would be a second call.
   */
  private static final Duration KEPT_BEYOND = Duration.ofHours(1);

  public Freshness {
    if (timeToLive.isNegative()) {
      throw new IllegalArgumentException("the time to live must not be negative: " + timeToLive);
    }
  }

  /** Whether a stored answer may serve {@code request}: it was fresh when that was accepted. */
  public boolean serves(@Nullable CachedAnswer stored, InferenceRequest request, Instant now) {
    return stored != null
        && request.getUseCache()
        && !freshUntil(stored).isBefore(askedAt(request, now));
  }

  /**
   * The instant as of which a request is judged and its saving priced: its acceptance, which is the
   * same however often the request is looked at, unless a sender's clock puts that into the future.
   */
  public static Instant askedAt(InferenceRequest request, Instant now) {
    Instant acceptedAt = request.getAcceptedAt();
    return acceptedAt == null || acceptedAt.isAfter(now) ? now : acceptedAt;
  }

  /** Whether a stored answer may be forgotten. */
  public boolean forgettable(CachedAnswer stored, Instant now) {
    return freshUntil(stored).plus(KEPT_BEYOND).isBefore(now);
  }

  private Instant freshUntil(CachedAnswer stored) {
    return stored.getStoredAt().plus(timeToLive);
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
