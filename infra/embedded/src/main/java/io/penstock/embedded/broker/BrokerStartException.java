package io.penstock.embedded.broker;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Why the embedded broker did not start. The message is one line and names the remedy. */
public abstract sealed class BrokerStartException extends RuntimeException {
  private BrokerStartException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The port cannot be bound. */
  public static final class PortBusy extends BrokerStartException {
    private final int port;

    PortBusy(int port, Throwable cause) {
      super("port " + port + ": " + cause.getMessage() + "; choose another port", cause);
      this.port = port;
    }

    public int port() {
      return port;
    }
  }

  /** The data directory cannot be created or written. */
  public static final class DirectoryUnusable extends BrokerStartException {
    DirectoryUnusable(Path directory, Throwable cause) {
      super(
          "cannot write in data directory "
              + directory
              + " ("
              + cause
              + "); make it writable or choose another one",
          cause);
    }
  }

  /** The data directory holds something that this broker did not write. */
  public static final class DirectoryForeign extends BrokerStartException {
    DirectoryForeign(Path directory, String found) {
      super(directory + " " + found + "; choose an empty directory", null);
    }
  }

  /** Another broker, here or in another process, is running on the data directory. */
  public static final class DirectoryInUse extends BrokerStartException {
    DirectoryInUse(Path directory) {
      super(
          "data directory "
              + directory
              + " is in use by a running broker; stop that one or choose another directory",
          null);
    }
  }

  /** Kafka itself gave up; its log says more. */
  public static final class Failed extends BrokerStartException {
    Failed(Path directory, Throwable cause) {
      super(
          "the embedded broker did not start on "
              + directory
              + ": "
              + cause
              + "; the log above says more",
          cause);
    }
  }
}
