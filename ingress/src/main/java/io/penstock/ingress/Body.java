package io.penstock.ingress;

import io.penstock.ingress.json.Bodies;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.json.Room;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import jakarta.servlet.http.HttpServletRequest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The body of an HTTP request, read up to a limit. */
final class Body {
  private static final Logger LOG = LoggerFactory.getLogger(Body.class);
  private static final int FIRST_PART = 64 * 1024;
  private static final long UNKNOWN = -1;

  private Body() {}

  /**
   * @param share takes the room for what is read
   */
  static Reading<byte[]> read(HttpServletRequest request, int limit, Room share) {
    long announced = request.getContentLengthLong();
    if (announced > limit && (announced - limit > limit || request.getHeader("Expect") != null)) {
      return tooLarge(limit); // So much is not worth the reading, or it has not been sent.
    }
    try (InputStream in = request.getInputStream()) {
      return announced > limit ? passOver(in, announced, limit) : read(in, announced, limit, share);
    } catch (IOException e) {
      return new Reading.Refused<>(
          Reason.MALFORMED_JSON.because("the body ended before it was complete"));
    }
  }

  /** Doubles as it goes: what is only announced takes no memory, unless it is next to nothing. */
  private static Reading<byte[]> read(InputStream in, long announced, int limit, Room share)
      throws IOException {
    int most = announced == UNKNOWN ? limit : (int) announced;
    byte[] body = new byte[0];
    while (body.length < most) {
      int length = body.length;
      int more = Math.min(Math.max(length, FIRST_PART), most - length);
      if (!share.grow(more)) {
        return new Reading.Refused<>(
            Reason.OVERLOADED.because(
                "more is being sent at once than this instance takes in: try again in a moment"));
      }
      body = Arrays.copyOf(body, length + more);
      int got = in.readNBytes(body, length, more);
      if (got < more) {
        return ended(Arrays.copyOf(body, length + got), announced);
      }
    }
    return announced == UNKNOWN && in.read() >= 0
        ? passOver(in, limit, limit)
        : new Reading.Read<>(body);
  }

  /**
   * Reads on, and forgets it: a connection that is closed on what nobody has read is reset, and a
   * caller who is still sending would never see why.
   */
  private static Reading<byte[]> passOver(InputStream in, long most, int limit) {
    byte[] part = new byte[FIRST_PART];
    try {
      long left = most;
      while (left > 0) {
        int got = in.read(part, 0, (int) Math.min(part.length, left));
        left = got < 0 ? 0 : left - got;
      }
    } catch (IOException e) {
      LOG.debug("whoever sent too much has left", e);
    }
    return tooLarge(limit);
  }

  /** Why a body is not read, told once as much of it has been passed over as is worth it. */
  static Failure passOver(HttpServletRequest request, Failure why) {
    try (InputStream in = request.getInputStream()) {
      var _ = passOver(in, Bodies.LARGEST_BATCH_BYTES, 0);
    } catch (IOException e) {
      LOG.debug("whoever sent too much has left", e);
    }
    return why;
  }

  private static Reading<byte[]> ended(byte[] body, long announced) throws IOException {
    if (announced != UNKNOWN) {
      throw new EOFException();
    }
    return new Reading.Read<>(body);
  }

  private static Reading<byte[]> tooLarge(int limit) {
    return new Reading.Refused<>(
        Reason.BODY_TOO_LARGE.because(
            "the body is larger than " + limit + " bytes: send less at once"));
  }
}
