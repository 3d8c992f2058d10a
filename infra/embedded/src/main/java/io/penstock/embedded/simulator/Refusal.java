package io.penstock.embedded.simulator;

import org.jspecify.annotations.Nullable;

/**
 * A call that is answered with an error, and costs nothing.
 *
 * @param field the part of the request that is wrong, where there is one
 */
record Refusal(Kind kind, String message, @Nullable String field) {

  /** Why a call is refused; each dialect has its own words for it. */
  enum Kind {
    INVALID(400),
    UNKNOWN_MODEL(404),
    NOT_FOUND(404),
    CONFLICT(409),
    TOO_LARGE(413),
    RATE_LIMITED(429),
    QUOTA(429),
    FAILED(500),
    OVERLOADED(529);

    private final int status;

    Kind(int status) {
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  static Refusal unknownModel(String name) {
    return new Refusal(
        Kind.UNKNOWN_MODEL, "The model `" + name + "` does not exist: see GET /v1/models", "model");
  }

  static Refusal notFound(String message) {
    return new Refusal(Kind.NOT_FOUND, message, "id");
  }

  static Refusal invalid(String field, String message) {
    return new Refusal(Kind.INVALID, message, field);
  }
}
