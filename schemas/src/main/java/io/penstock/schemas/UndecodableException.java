package io.penstock.schemas;

import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/** Bytes that no reader will ever understand: a case for the dead letters, not for a retry. */
public final class UndecodableException extends SerializationException {
  public UndecodableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
