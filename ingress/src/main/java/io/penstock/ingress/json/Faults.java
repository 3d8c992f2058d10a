package io.penstock.ingress.json;

import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is wrong with a request: all its unknown fields, or else the first other fault. */
public final class Faults {
  private static final int MOST_NAMED = 20;
  private static final int LONGEST_EXCERPT = 64;

  private final String path;
  private final List<String> unknown = new ArrayList<>(0);
  private int unknownCount;
  private @Nullable Failure other;

  /**
   * @param path what to put before the names of fields
   */
  public Faults(String path) {
    this.path = path;
  }

  public void unknown(String field) {
    unknownCount++;
    if (unknown.size() < MOST_NAMED) {
      unknown.add(path + excerpt(field));
    }
  }

  public void add(Reason reason, String message, String field) {
    if (other == null) {
      other = reason.because(message, path + excerpt(field));
    }
  }

  /** One that is complete already. */
  void add(Failure failure) {
    if (other == null) {
      other = failure;
    }
  }

  /** What was read, if nothing is wrong with it. */
  public <T> Reading<T> or(T read) {
    Failure failure = first();
    return failure == null ? new Reading.Read<>(read) : new Reading.Refused<>(failure);
  }

  public @Nullable Failure first() {
    if (unknown.isEmpty()) {
      return other;
    }
    String names = unknown.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "));
    int more = unknownCount - unknown.size();
    return Reason.UNKNOWN_FIELD.because(
        (unknownCount == 1 ? "unknown field " : "unknown fields ")
            + names
            + (more == 0 ? "" : " and " + more + " more"),
        unknown.getFirst());
  }

  public static String excerpt(String text) {
    return text.length() <= LONGEST_EXCERPT ? text : text.substring(0, LONGEST_EXCERPT) + "…";
  }
}
