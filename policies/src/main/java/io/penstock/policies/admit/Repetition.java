package io.penstock.policies.admit;

import io.penstock.schemas.avro.Claim;
import io.penstock.schemas.avro.InferenceResponse;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The law of repetition: which request an idempotency key stands for, which response a repetition
 * of it gets, and for how long both are remembered.
 *
 * @param remembered counted from the claim, and from the response
 */
public record Repetition(Duration remembered) {

  /** What a key is to a request that comes under it. */
  public enum Standing {
    /** Nobody's: the request may claim it. */
    FREE,
    /** The request's own, from an earlier time it was sent. */
    ITS_OWN,
    /** Another request's. */
    TAKEN
  }

  /**
   * What a key is to a request.
   *
   * @param earlier what the key was claimed for, if it was
   * @param fingerprint of the request
   */
  public Standing standing(@Nullable Claim earlier, String fingerprint, Instant now) {
    if (earlier == null || forgettable(earlier, now)) {
      return Standing.FREE;
    }
    return earlier.getFingerprint().equals(fingerprint) ? Standing.ITS_OWN : Standing.TAKEN;
  }

  /**
   * Whether a request that was answered before gets that response again. A claim is made before its
   * response, and so ends before it: the fingerprint tells whether the key has passed on to another
   * request meanwhile.
   *
   * @param before the response to the same id under the same key, if there was one
   */
  public boolean repeats(@Nullable InferenceResponse before, String fingerprint, Instant now) {
    return before != null
        && fingerprint.equals(before.getFingerprint())
        && !forgettable(before, now);
  }

  /** Whether a claim no longer holds. */
  public boolean forgettable(Claim claim, Instant now) {
    return over(claim.getClaimedAt(), now);
  }

  /** Whether a response is no longer given again. */
  public boolean forgettable(InferenceResponse response, Instant now) {
    return over(response.getCompletedAt(), now);
  }

  private boolean over(Instant since, Instant now) {
    return since.plus(remembered).isBefore(now);
  }
}
