package io.penstock.embedded.simulator;

import io.javalin.http.Context;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;

/**
 * The other end of one HTTP exchange: answers go to it, and it may hang up. For the thread that
 * handles the exchange, after the body of the request has been read.
 *
 * <p>Jetty does not look at a connection while a request is handled, and the first write into a
 * connection that the other side closed succeeds. So {@link #isGone} looks for itself, with a read
 * that does not block: a closed or reset connection shows at once. A caller that only closes its
 * sending side counts as gone; no HTTP client does that.
 */
final class Caller {
  private final HttpServletResponse response;
  private final EndPoint endPoint;
  private boolean gone;
  private boolean asksForMore;

  private Caller(HttpServletResponse response, EndPoint endPoint) {
    this.response = response;
    this.endPoint = endPoint;
  }

  static Caller of(Context context) {
    EndPoint endPoint =
        ServletContextRequest.getServletContextRequest(context.req())
            .getConnectionMetaData()
            .getConnection()
            .getEndPoint();
    return new Caller(context.res(), endPoint);
  }

  /** Whether the caller has hung up. */
  boolean isGone() {
    if (!gone && !asksForMore && endPoint.getTransport() instanceof SocketChannel channel) {
      gone = hasEnded(channel);
    }
    return gone;
  }

  private boolean hasEnded(SocketChannel channel) {
    ByteBuffer first = ByteBuffer.allocate(1);
    try {
      int read = channel.read(first);
      if (read > 0) {
        giveBack(first.flip());
      }
      return read < 0;
    } catch (IOException e) {
      return true;
    }
  }

  /** The caller has sent its next request already: it is there, and Jetty must see that byte. */
  private void giveBack(ByteBuffer first) {
    asksForMore = true;
    if (endPoint.getConnection() instanceof Connection.UpgradeTo connection) {
      connection.onUpgradeTo(first);
    }
  }

  /** Sends a whole answer. */
  void send(int status, String type, Map<String, String> headers, byte[] body) throws IOException {
    begin(status, type, headers);
    response.setContentLength(body.length);
    ServletOutputStream out = response.getOutputStream();
    out.write(body);
    out.flush();
  }

  /** Promises a whole answer, sends half of it and hangs up. */
  void sendHalf(int status, String type, Map<String, String> headers, byte[] body)
      throws IOException {
    begin(status, type, headers);
    response.setContentLength(body.length);
    response.getOutputStream().write(body, 0, body.length / 2);
    response.flushBuffer();
    hangUp();
  }

  /** Begins an answer of unknown length; {@link #add} sends its parts. */
  void begin(int status, String type, Map<String, String> headers) {
    response.setStatus(status);
    response.setContentType(type);
    headers.forEach(response::setHeader);
  }

  /** Adds to an answer; it goes out when there is enough of it, at the latest with a flush. */
  void add(byte[] part) throws IOException {
    response.getOutputStream().write(part);
  }

  void flush() throws IOException {
    response.flushBuffer();
  }

  /** Ends the connection as a crash would: the other side sees it reset. */
  void reset() {
    if (endPoint.getTransport() instanceof SocketChannel channel) {
      try {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      } catch (IOException e) {
        // It is closed already.
      }
    }
    hangUp();
  }

  /** Closes the connection, whatever was promised. */
  void hangUp() {
    gone = true;
    endPoint.close();
  }
}
