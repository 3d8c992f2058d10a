package io.penstock.topology.admit;

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
  private final KeyValueStore<String, InferenceResponse> answered;

  public Idempotency(ProcessingContext context) {
    this.answered = context.getStateStore(StateStores.ANSWERED);
  }

  /** Remembers a response if its request may be repeated. */
  public void remember(InferenceRequest request, InferenceResponse response) {
    if (request.getIdempotencyKey() != null) {
      answered.put(request.getId(), response);
    }
  }

  /** The response this request got before, if it is a repetition. */
  Optional<InferenceResponse> recall(InferenceRequest request, Instant now) {
    return request.getIdempotencyKey() == null
        ? Optional.empty()
        : Optional.ofNullable(answered.get(request.getId()))
            .filter(response -> !expired(response, now));
  }

  KeyValueStore<String, InferenceResponse> store() {
    return answered;
  }

  static boolean expired(InferenceResponse response, Instant now) {
    return response.getCompletedAt().plus(Topics.REMEMBERED).isBefore(now);
  }
}
