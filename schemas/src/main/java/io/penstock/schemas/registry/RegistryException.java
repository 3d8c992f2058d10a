package io.penstock.schemas.registry;

import org.jspecify.annotations.Nullable;

/** What a schema registry can answer instead of a schema. The message names the remedy. */
public abstract sealed class RegistryException extends RuntimeException {
  private RegistryException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Nobody answered: the only kind that is worth trying again. */
  public static final class Unavailable extends RegistryException {
    public Unavailable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** The id or subject does not exist. */
  public static final class NotFound extends RegistryException {
    public NotFound(String message) {
      super(message, null);
    }
  }

  /** The schema would break readers of earlier data. */
  public static final class Incompatible extends RegistryException {
    public Incompatible(String message) {
      super(message, null);
    }
  }

  /** The registry refused the request itself: credentials, or a schema that it cannot parse. */
  public static final class Refused extends RegistryException {
    public Refused(String message) {
      super(message, null);
    }
  }
}
