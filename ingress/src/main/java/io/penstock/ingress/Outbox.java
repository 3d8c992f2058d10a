package io.penstock.ingress;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;

/**
 * Sends messages over a WebSocket, one after the other: whoever has something to say waits until it
 * is taken, so that nothing piles up. A reader that takes nothing for too long is hung up on. Any
 * thread.
 */
final class Outbox {
  /** The status a socket is closed with whose reader does not keep up: policy violated. */
  static final int TOO_SLOW = 1008;

  /** As a server closes that goes down. */
  static final int GOING_AWAY = 1001;

  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final Session session;
  private final Duration patience;
  private final ReentrantLock turn = new ReentrantLock();
  private volatile boolean closed;

  /**
   * @param patience how long a reader may take for one message
   */
  Outbox(Session session, Duration patience) {
    this.session = session;
    this.patience = patience;
  }

  void send(String message) throws IOException {
    send(message, () -> {});
  }

  /**
   * As {@link #send(String)}.
   *
   * @param before what is done when it is this message's turn, and so before anybody has read it
   *     and after everything that was sent earlier; short
   */
  void send(String message, Runnable before) throws IOException {
    await(callback -> {
      before.run();
      session.sendText(message, callback);
    });
  }

  /** Shows that we are alive, and finds those who are not. */
  void ping() throws IOException {
    await(callback -> session.sendPing(ByteBuffer.allocate(0), callback));
  }

  private void await(Consumer<Callback> sending) throws IOException {
    turn.lock();
    try {
      if (closed) {
        throw new IOException("the socket is closed");
      }
      var taken = new CompletableFuture<Void>();
      sending.accept(Callback.from(() -> taken.complete(null), taken::completeExceptionally));
      taken.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      close(TOO_SLOW, "the reader does not keep up");
      throw new IOException("the reader does not keep up", e);
    } catch (ExecutionException e) {
      closed = true;
      throw new IOException("the socket is closed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      turn.unlock();
    }
  }

  /** Closes it, with a reason for the other side if that still reads. */
  void close(int status, String reason) {
    closed = true;
    session.setIdleTimeout(LAST_WORDS);
    session.close(status, reason, Callback.NOOP);
  }

  /** Nothing more is sent. */
  void close() {
    closed = true;
  }
}
