package io.penstock.ingress.view;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What can be wrong with a table on disk. */
public abstract sealed class TableException extends RuntimeException {
  private TableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** It cannot be read or written; it is made anew from the log. */
  public static final class Damaged extends TableException {
    Damaged(Path directory, Throwable cause) {
      super("the table in " + directory + " is damaged: " + cause.getMessage(), cause);
    }
  }

  /** Its directory cannot be used. The message names the remedy. */
  public static final class Unusable extends TableException {
    Unusable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
