package io.penstock.topology.admit;

import io.penstock.policies.admit.Repetition;
import io.penstock.policies.fingerprint.Fingerprint;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.InferenceRequest;
import io.penstock.schemas.avro.InferenceResponse;
import io.penstock.topology.flow.StateStores;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.streams.processor.api.ProcessingContext;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Remembers the responses of requests that came with an idempotency key. Used by the stream thread
 * only.
 */
public final class Idempotency {
  static final Repetition LAW = new Repetition(Topics.REMEMBERED);

  private final KeyValueStore<String, InferenceResponse> answered;

  public Idempotency(ProcessingContext context) {
    this.answered = context.getStateStore(StateStores.ANSWERED);
  }

  /** Remembers a response if its request may be repeated. */
  public void remember(InferenceRequest request, InferenceResponse response) {
    String key = request.getIdempotencyKey();
    if (key != null) {
      answered.put(place(request, key), response);
    }
  }

  /** The response this request got before, if it is a repetition. */
  Optional<InferenceResponse> recall(InferenceRequest request, String fingerprint, Instant now) {
    String key = request.getIdempotencyKey();
    return key == null
        ? Optional.empty()
        : Optional.ofNullable(answered.get(place(request, key)))
            .filter(before -> LAW.repeats(before, fingerprint, now));
  }

  // Producers choose request ids as they like: an id alone may be another tenant's, too.
  private static String place(InferenceRequest request, String key) {
    return Fingerprint.ofClaim(request.getTenant(), key).hex() + "/" + request.getId();
  }

  KeyValueStore<String, InferenceResponse> store() {
    return answered;
  }
}
