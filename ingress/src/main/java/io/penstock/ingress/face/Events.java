package io.penstock.ingress.face;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Server-sent events in the making (docs/measurements.md, Providers §1.3). One thread. */
public final class Events {
  /** A comment: every reader passes it over. */
  public static final byte[] NOTHING = ": still at it\n\n".getBytes(StandardCharsets.UTF_8);

  private static final byte[] EVENT = "event: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /**
   * Adds an event.
   *
   * @param name null where the API has only one kind
   * @param data on one line
   */
  public Events add(@Nullable String name, byte[] data) {
    if (name != null) {
      bytes.writeBytes(EVENT);
      bytes.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
      bytes.write('\n');
    }
    bytes.writeBytes(DATA);
    bytes.writeBytes(data);
    bytes.write('\n');
    bytes.write('\n');
    return this;
  }

  public byte[] toBytes() {
    return bytes.toByteArray();
  }
}
