package io.penstock.ingress.json;

import io.penstock.schemas.avro.Failure;

/** What came of reading something a caller sent. */
public sealed interface Reading<T> {
  /** It could be read. */
  record Read<T>(T value) implements Reading<T> {}

  /** It could not; the caller hears why. */
  record Refused<T>(Failure failure) implements Reading<T> {}
}
