package io.penstock.ingress;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a caller hangs up while its request, read to its end, is being answered. HTTP/1.1
 * says nothing of it and Jetty does not look: so we ask to be called when there is something to
 * read, and read one byte. If there is none, the caller is gone. If there is one, it belongs to the
 * next request, and is given to the connection when we have done; from then on nobody looks.
 *
 * <p>A caller that closes only its half of the connection counts as gone, as it does to most
 * servers.
 *
 * <p>Until {@link #close()}, which the answering thread must call before it sends the end of its
 * answer, nobody else reads from the connection. Our callback is called by Jetty's threads.
 */
final class Departure implements Callback, AutoCloseable {
  private final HttpConnection connection;
  private final AbstractEndPoint endPoint;
  private final Runnable left;
  private final ByteBuffer next = BufferUtil.allocate(1);
  private final CompletableFuture<Void> settled = new CompletableFuture<>();
  private volatile boolean closed;
  private volatile boolean gone;

  private Departure(HttpConnection connection, AbstractEndPoint endPoint, Runnable left) {
    this.connection = connection;
    this.endPoint = endPoint;
    this.left = left;
  }

  /**
   * Begins to look out, if that can be done: a caller that has sent its next request already is not
   * about to leave.
   *
   * @param request read to its end
   * @param left what to do when the caller has left; on a thread of its own
   */
  static @Nullable Departure watch(HttpServletRequest request, Runnable left) {
    var connection =
        ServletContextRequest.getServletContextRequest(request)
            .getConnectionMetaData()
            .getConnection();
    if (connection instanceof HttpConnection http
        && http.isRequestBufferEmpty()
        && http.getEndPoint() instanceof AbstractEndPoint endPoint) {
      var departure = new Departure(http, endPoint, left);
      return endPoint.tryFillInterested(departure) ? departure : null;
    }
    return null;
  }

  /** There is something to read, or the end. */
  @Override
  public void succeeded() {
    try {
      int read = endPoint.fill(next);
      if (read == 0 && !closed) {
        lookOn();
        return;
      }
      gone = read < 0;
    } catch (IOException e) {
      gone = true; // Reset, say.
    }
    if (gone && !closed) {
      Thread.ofVirtual().start(left);
    }
    settled.complete(null);
  }

  private void lookOn() {
    if (!endPoint.tryFillInterested(this)) {
      settled.complete(null);
    } else if (closed) { // and whoever closed found no interest to take back
      takeBack();
    }
  }

  private void takeBack() {
    endPoint.getFillInterest().onFail(new IOException("no longer watched"));
  }

  /** Taken back, or the connection has been closed on our side. */
  @Override
  public void failed(Throwable x) {
    settled.complete(null);
  }

  @Override
  public InvocationType getInvocationType() {
    return InvocationType.NON_BLOCKING;
  }

  boolean gone() {
    return gone;
  }

  /** Leaves the connection as if nobody had looked. */
  @Override
  public void close() {
    closed = true;
    takeBack();
    settled.join();
    if (next.hasRemaining()) {
      connection.onUpgradeTo(next);
    }
  }
}
