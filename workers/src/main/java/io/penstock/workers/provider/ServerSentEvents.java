package io.penstock.workers.provider;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads server-sent events as they come, and forgives what servers do to them
 * (docs/measurements.md, Providers §1.3): any line ending, comments, a space after the colon or
 * none, data in several lines, a mark of byte order, no empty line at the end. Lines are put
 * together as bytes, so it does not matter where buffers are cut. For one thread.
 */
final class ServerSentEvents {
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private final InputStream in;
  private final int largest;
  private final byte[] buffer = new byte[8 * 1024];
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private int next;
  private int end;
  private boolean afterReturn;
  private boolean begun;

  /**
   * An event.
   *
   * @param name empty when it has none
   * @param whole false when the stream ended before the event did
   */
  record Event(String name, String data, boolean whole) {}

  /** An event that is larger than anything we would keep. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLargeException(int largest) {
      super("an event of more than " + largest + " bytes");
    }
  }

  /**
   * @param largest bytes of one event
   */
  ServerSentEvents(InputStream in, int largest) {
    this.in = in;
    this.largest = largest;
  }

  /**
   * The next event with data; null when there is none any more.
   *
   * @throws TooLargeException when it is beyond the bound
   */
  @Nullable Event next() throws IOException {
    String name = "";
    StringBuilder data = null;
    while (true) {
      String read = line();
      if (read == null || read.isEmpty()) {
        if (data != null) {
          return new Event(name, data.toString(), read != null);
        }
        if (read == null) {
          return null;
        }
        name = "";
        continue;
      }
      int colon = read.indexOf(':');
      String value = colon < 0 ? "" : read.substring(colon + 1);
      value = value.startsWith(" ") ? value.substring(1) : value;
      switch (colon < 0 ? read : read.substring(0, colon)) {
        case "event" -> name = value;
        case "data" -> {
          data = data == null ? new StringBuilder() : data.append('\n');
          if (data.length() + value.length() > largest) {
            throw new TooLargeException(largest);
          }
          data.append(value);
        }
        default -> {} // Comments, ids, retries, and what else there may be.
      }
    }
  }

  /** The next line without its end; null when there is none. */
  private @Nullable String line() throws IOException {
    line.reset();
    boolean any = false;
    while (fill()) {
      int from = next;
      while (next < end && buffer[next] != '\n' && buffer[next] != '\r') {
        next++;
      }
      any |= next > from;
      if (line.size() + next - from > largest) {
        throw new TooLargeException(largest);
      }
      line.write(buffer, from, next - from);
      if (next < end) {
        afterReturn = buffer[next++] == '\r';
        return text();
      }
    }
    return any ? text() : null;
  }

  /** Makes sure of a byte; false at the end. */
  private boolean fill() throws IOException {
    while (true) {
      if (next >= end) {
        end = in.read(buffer);
        next = 0;
        if (end < 0) {
          end = 0;
          return false;
        }
      }
      if (next < end && afterReturn) {
        afterReturn = false;
        next += buffer[next] == '\n' ? 1 : 0; // The other half of a line ending.
      }
      if (next < end) {
        return true;
      }
    }
  }

  private String text() {
    byte[] bytes = line.toByteArray();
    int mark = 0;
    if (!begun && bytes.length >= BYTE_ORDER_MARK.length) {
      mark = Arrays.equals(bytes, 0, BYTE_ORDER_MARK.length, BYTE_ORDER_MARK, 0, 3) ? 3 : 0;
    }
    begun = true;
    return new String(bytes, mark, bytes.length - mark, StandardCharsets.UTF_8);
  }
}
