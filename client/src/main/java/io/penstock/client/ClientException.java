package io.penstock.client;

import org.jspecify.annotations.Nullable;

/** Why a request could not be handed over, or its response not be awaited. */
public abstract sealed class ClientException extends RuntimeException {
  private ClientException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * The broker or the registry did not answer in time: worth trying again. The request may have
   * been accepted all the same, when only the acknowledgement was lost.
   */
  public static final class Unavailable extends ClientException {
    public Unavailable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** The broker or the registry will never take this request as it is. */
  public static final class Refused extends ClientException {
    public Refused(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** The client was closed. A request it had accepted is answered all the same, to nobody here. */
  public static final class Closed extends ClientException {
    public Closed() {
      super("the client was closed", null);
    }
  }
}
