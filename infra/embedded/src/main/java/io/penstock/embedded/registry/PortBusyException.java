package io.penstock.embedded.registry;

/** The registry's port cannot be bound. The message is one line and names the remedy. */
public final class PortBusyException extends RuntimeException {
  private final int port;

  PortBusyException(int port, Throwable cause) {
    super("port " + port + " for the schema registry is in use; choose another port", cause);
    this.port = port;
  }

  public int port() {
    return port;
  }
}
