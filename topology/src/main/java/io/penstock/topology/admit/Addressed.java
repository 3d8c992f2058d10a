package io.penstock.topology.admit;

import io.penstock.policies.fingerprint.Fingerprint;
import io.penstock.schemas.avro.InferenceRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.jspecify.annotations.Nullable;

/**
 * Where a request belongs: the task of its fingerprint, or first that of its idempotency key.
 *
 * @param key the key it should have
 * @param claims whether the idempotency key is to be claimed there
 */
record Addressed(String key, String fingerprint, boolean claims) {

  static Addressed of(InferenceRequest request, boolean claimed) {
    String fingerprint = Fingerprint.of(request).hex();
    String idempotencyKey = request.getIdempotencyKey();
    return idempotencyKey == null || claimed
        ? new Addressed(fingerprint, fingerprint, false)
        : new Addressed(
            Fingerprint.ofClaim(request.getTenant(), idempotencyKey).hex(), fingerprint, true);
  }

  /**
   * Whether a record with this key in this partition is where it belongs. The partition counts as
   * well as the key: producers in other languages hash keys to partitions differently.
   */
  boolean arrived(byte @Nullable [] recordKey, int partition, int partitions) {
    byte[] wanted = key.getBytes(StandardCharsets.UTF_8);
    return Arrays.equals(wanted, recordKey)
        && BuiltInPartitioner.partitionForKey(wanted, partitions) == partition;
  }
}
