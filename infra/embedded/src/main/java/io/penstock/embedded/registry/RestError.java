package io.penstock.embedded.registry;

import io.penstock.schemas.registry.RegistryException;

/** A refusal in the words of the Confluent REST interface: HTTP status, error code, sentence. */
final class RestError extends RuntimeException {
  private final int status;
  private final int code;

  private RestError(int status, int code, String message) {
    super(message);
    this.status = status;
    this.code = code;
  }

  static RestError noSubject(String subject) {
    return new RestError(404, 40401, "Subject '" + subject + "' not found.");
  }

  static RestError noVersion(String version) {
    return new RestError(404, 40402, "Version " + version + " not found.");
  }

  static RestError noSchema(String what) {
    return new RestError(404, 40403, "Schema " + what + " not found");
  }

  static RestError noRule(String subject) {
    return new RestError(
        404,
        40408,
        "Subject '" + subject + "' does not have subject-level compatibility configured");
  }

  static RestError unreadable(String reason) {
    return new RestError(400, 400, reason);
  }

  static RestError invalidSchema(String reason) {
    return new RestError(422, 42201, reason);
  }

  static RestError invalidVersion(String version) {
    return new RestError(
        422,
        42202,
        "The specified version '"
            + version
            + "' is not a valid version id; use 1 and above, or"
            + " \"latest\"");
  }

  static RestError invalidRule(String rule) {
    return new RestError(422, 42203, "Invalid compatibility level '" + rule + "'");
  }

  static RestError invalidMode(String mode) {
    return new RestError(422, 42204, "Invalid mode '" + mode + "'; this registry is READWRITE");
  }

  static RestError of(RegistryException e) {
    String message = String.valueOf(e.getMessage());
    return switch (e) {
      case RegistryException.Incompatible i -> new RestError(409, 409, message);
      case RegistryException.NotFound n -> new RestError(404, 40403, message);
      case RegistryException.Refused r -> invalidSchema(message);
      case RegistryException.Unavailable u -> new RestError(500, 50001, message);
    };
  }

  int status() {
    return status;
  }

  int code() {
    return code;
  }
}
