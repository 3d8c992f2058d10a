package io.penstock.topology.admit;

import io.penstock.policies.admit.Repetition;
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

  /** What {@code key} is to a request with this fingerprint. */
  Repetition.Standing standing(String key, String fingerprint, Instant now) {
    return Idempotency.LAW.standing(claims.get(key), fingerprint, now);
  }

  void claim(String key, String fingerprint, Instant now) {
    claims.put(key, new Claim(fingerprint, now));
  }

  KeyValueStore<String, Claim> store() {
    return claims;
  }
}
