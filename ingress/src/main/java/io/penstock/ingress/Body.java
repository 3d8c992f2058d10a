package io.penstock.ingress;

import io.penstock.ingress.json.Reading;
import io.penstock.policies.Reason;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;

/** The body of an HTTP request, read up to a limit. */
final class Body {
  private Body() {}

  static Reading<byte[]> read(HttpServletRequest request, int limit) {
    if (request.getContentLengthLong() > limit) {
      return tooLarge(limit);
    }
    try (InputStream in = request.getInputStream()) {
      byte[] body = in.readNBytes(limit);
      return body.length == limit && in.read() >= 0 ? tooLarge(limit) : new Reading.Read<>(body);
    } catch (IOException e) {
      return new Reading.Refused<>(
          Reason.MALFORMED_JSON.because("the body ended before it was complete"));
    }
  }

  private static Reading<byte[]> tooLarge(int limit) {
    return new Reading.Refused<>(
        Reason.BODY_TOO_LARGE.because(
            "the body is larger than " + limit + " bytes: send less at once"));
  }
}
