package io.penstock.ingress;

import io.penstock.ingress.view.TableException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Why an ingress could not start. The message names the remedy. */
public abstract sealed class IngressStartException extends RuntimeException {
  private IngressStartException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The HTTP port is taken. */
  public static final class PortBusy extends IngressStartException {
    PortBusy(String host, int port, Throwable cause) {
      super(
          "port %d on %s is busy or not ours to take: choose another HTTP port, or stop whoever has it"
              .formatted(port, host),
          cause);
    }
  }

  /** Another ingress has the data directory. */
  public static final class DirectoryInUse extends IngressStartException {
    DirectoryInUse(Path directory) {
      super(
          directory
              + " is in use by another ingress: stop that one, or choose another data directory",
          null);
    }
  }

  /** The data directory cannot be written to. */
  public static final class DirectoryUnusable extends IngressStartException {
    DirectoryUnusable(Path directory, Throwable cause) {
      super("cannot write to " + directory + ": choose another data directory", cause);
    }

    DirectoryUnusable(TableException.Unusable view) {
      super(String.valueOf(view.getMessage()), view);
    }
  }
}
