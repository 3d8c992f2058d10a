package io.penstock.ingress.status;

import io.penstock.schemas.avro.InferenceResponse;

/** What a look for a response came to. */
public sealed interface Lookup {
  /** The request has ended so. */
  record Found(InferenceResponse response) implements Lookup {}

  /** Nothing is known of a response. */
  record Unknown() implements Lookup {}

  /** The request has ended, and the log no longer holds how. */
  record Forgotten() implements Lookup {}

  /** It cannot be told just now: the log is still being read, or the broker is away. */
  record NotNow() implements Lookup {}
}
