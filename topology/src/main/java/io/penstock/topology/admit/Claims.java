package io.penstock.topology.admit;

import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Claim;
import io.penstock.topology.flow.StateStores;
import java.time.Instant;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueStore;

/** What each idempotency key was first used for. Used by the stream thread only. */
final class Claims {
  private final KeyValueStore<String, Claim> claims;

  Claims(ProcessingContext context) {
    this.claims = context.getStateStore(StateStores.CLAIMS);
  }

  /** Claims {@code key} for a fingerprint; false when it stands for another request already. */
  boolean claim(String key, String fingerprint, Instant now) {
    Claim earlier = claims.get(key);
    if (earlier == null || expired(earlier, now)) {
      claims.put(key, new Claim(fingerprint, now));
      return true;
    }
    return earlier.getFingerprint().equals(fingerprint);
  }

  KeyValueStore<String, Claim> store() {
    return claims;
  }

  static boolean expired(Claim claim, Instant now) {
    return claim.getClaimedAt().plus(Topics.REMEMBERED).isBefore(now);
  }
}
