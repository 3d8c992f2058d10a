package io.penstock.ingress;

import io.penstock.ingress.json.Reading;
import io.penstock.policies.Reason;
import jakarta.servlet.http.HttpServletRequest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** The body of an HTTP request, read up to a limit. */
final class Body {
  private static final int SMALL = 64 * 1024;

  private Body() {}

  static Reading<byte[]> read(HttpServletRequest request, int limit) {
    long announced = request.getContentLengthLong();
    if (announced > limit) {
      return tooLarge(limit);
    }
    try (InputStream in = request.getInputStream()) {
      // What is only announced takes no memory, unless it is next to nothing.
      byte[] body =
          announced > 0 && announced <= SMALL ? exactly(in, (int) announced) : in.readNBytes(limit);
      return body.length == limit && in.read() >= 0 ? tooLarge(limit) : new Reading.Read<>(body);
    } catch (IOException e) {
      return new Reading.Refused<>(
          Reason.MALFORMED_JSON.because("the body ended before it was complete"));
    }
  }

  private static byte[] exactly(InputStream in, int length) throws IOException {
    byte[] body = new byte[length];
    if (in.readNBytes(body, 0, length) < length) {
      throw new EOFException();
    }
    return body;
  }

  private static Reading<byte[]> tooLarge(int limit) {
    return new Reading.Refused<>(
        Reason.BODY_TOO_LARGE.because(
            "the body is larger than " + limit + " bytes: send less at once"));
  }
}
