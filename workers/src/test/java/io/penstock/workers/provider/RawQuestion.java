package io.penstock.workers.provider;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/** An HTTP request as a server made of sockets meets it. */
final class RawQuestion {
  private static final String LENGTH = "content-length:";

  private RawQuestion() {}

  /** Reads one to its end, and forgets it. */
  static void read(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("half a question");
      }
      head.append((char) next);
    }
    int length =
        head.toString()
            .lines()
            .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(LENGTH))
            .map(header -> Integer.parseInt(header.substring(LENGTH.length()).strip()))
            .findFirst()
            .orElse(0);
    in.readNBytes(length);
  }
}
