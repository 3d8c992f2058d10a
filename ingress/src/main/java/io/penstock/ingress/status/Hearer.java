package io.penstock.ingress.status;

import io.penstock.schemas.avro.InferenceResponse;

/** Hears of responses to requests under idempotency keys, as the index learns of them. */
public interface Hearer {
  /** Whether anybody here waits for the response to this request. By the index's one thread. */
  boolean waitsFor(String id);

  /**
   * A response; the index has written where it is. It may be told again. By the index's one thread,
   * which must not be held up.
   */
  void heard(InferenceResponse response, Place place);
}
