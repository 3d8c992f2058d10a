package io.penstock.ingress.view;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What can be wrong with a table on disk. */
public abstract sealed class TableException extends RuntimeException {
  private TableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** What is in it makes no sense; it is made anew from the log. */
  public static final class Damaged extends TableException {
    Damaged(Path directory, Throwable cause) {
      super("the table in " + directory + " is damaged: " + cause.getMessage(), cause);
    }
  }

  /** It cannot be read or written, whatever is in it. The message names the remedy. */
  public static final class Unusable extends TableException {
    Unusable(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
