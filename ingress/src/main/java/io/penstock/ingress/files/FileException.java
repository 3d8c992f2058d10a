package io.penstock.ingress.files;

import org.jspecify.annotations.Nullable;

/** Why a file cannot be written or read. */
public abstract sealed class FileException extends RuntimeException {
  private FileException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The broker did not do its part in time: worth trying again. */
  public static final class Unavailable extends FileException {
    Unavailable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** The log no longer has all of it. */
  public static final class Gone extends FileException {
    Gone(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
