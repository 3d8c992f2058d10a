package io.penstock.policies.exactcache;

import io.penstock.policies.AnswerSize;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Answer;
import io.penstock.schemas.avro.CacheControl;
import io.penstock.schemas.avro.CachedAnswer;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.InferenceRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which answers may be kept, and how long they may be served.
 *
 * @param timeToLive how long an answer is fresh
 */
public record Freshness(Duration timeToLive) {
  public static final Freshness DEFAULT = new Freshness(Duration.ofDays(1));

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

  /**
   * Whether a stored answer may serve {@code request}: it was fresh when that was accepted, by our
   * time to live and by the age that the request allows, whichever is less.
   */
  public boolean serves(@Nullable CachedAnswer stored, InferenceRequest request, Instant now) {
    CacheControl cache = request.getCache();
    return stored != null
        && request.getUseCache()
        && !(cache != null && cache.getNoCache())
        && !freshUntil(stored, allowed(cache)).isBefore(askedAt(request, now));
  }

  private Duration allowed(@Nullable CacheControl cache) {
    Long maxAge = cache == null ? null : cache.getMaxAgeMs();
    return maxAge == null || timeToLive.compareTo(Duration.ofMillis(maxAge)) <= 0
        ? timeToLive
        : Duration.ofMillis(maxAge);
  }

  /**
   * Why a request that found neither an answer nor a call under way ends here, if it does: it asked
   * for no call. It may share one that is under way, since that costs nothing, but never leads one.
   */
  public static Optional<Failure> notCached(InferenceRequest request) {
    return onlyIfCached(request)
        ? Optional.of(
            Reason.NOT_CACHED.because(
                "no answer is cached, and only-if-cached allows no call: ask without it"))
        : Optional.empty();
  }

  /** Whether a request would rather have no answer than a call. */
  public static boolean onlyIfCached(InferenceRequest request) {
    CacheControl cache = request.getCache();
    return cache != null && cache.getOnlyIfCached();
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
    return freshUntil(stored, timeToLive).plus(KEPT_BEYOND).isBefore(now);
  }

  private static Instant freshUntil(CachedAnswer stored, Duration allowed) {
    return stored.getStoredAt().plus(allowed);
  }

  /**
   * Whether an answer may be kept: only one that is complete and fits, asked for by a requester who
   * shares and did not forbid it. The leader decides that for all who share its call: what others
   * may be told later is the answer to <em>its</em> request. An answer for which parameters were
   * dropped is kept like any other: the same request would be sent without them again.
   */
  public boolean storable(InferenceRequest leader, Answer answer) {
    CacheControl cache = leader.getCache();
    return leader.getUseCache()
        && !(cache != null && cache.getNoStore())
        && Completeness.complete(leader, answer)
        && AnswerSize.fits(answer);
  }
}
