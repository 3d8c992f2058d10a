package io.penstock.ingress;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.ServiceUnavailableResponse;
import io.javalin.http.UnauthorizedResponse;
import io.javalin.websocket.WsConfig;
import io.javalin.websocket.WsContext;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The WebSockets of this instance: who may open one, and what becomes of them when we stop. */
final class StreamSockets {
  /** The largest message; a larger prompt goes by POST. */
  static final int LARGEST_MESSAGE_BYTES = 1024 * 1024;

  /** Open at once: each may be in the middle of the largest message. */
  private static final int MOST = 1_000;

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long A_MOMENT_MS = 10;

  private final ApiKeys keys;
  private final InferenceHandler.Desk desk;
  private final Duration idleTimeout;
  private final ConcurrentHashMap<String, StreamSocket> open = new ConcurrentHashMap<>();

  StreamSockets(ApiKeys keys, InferenceHandler.Desk desk, Duration idleTimeout) {
    this.keys = keys;
    this.desk = desk;
    this.idleTimeout = idleTimeout;
  }

  void on(RoutesConfig routes, String path) {
    routes.wsBeforeUpgrade(path, this::check);
    routes.ws(path, this::configure);
  }

  private void check(Context ctx) {
    if (fromElsewhere(ctx.header("Origin"), ctx.header("Host"))) {
      throw new ForbiddenResponse("a page of another origin may not ask here");
    }
    if (caller(ctx.header("Authorization"), ctx.header("x-api-key")).isEmpty()) {
      throw new UnauthorizedResponse();
    }
    if (open.size() >= MOST) {
      throw new ServiceUnavailableResponse("too many sockets are open: try again");
    }
  }

  /** Browsers let any page open a socket to anywhere, and say which one it is. */
  static boolean fromElsewhere(@Nullable String origin, @Nullable String host) {
    if (origin == null) {
      return false;
    }
    try {
      // "null" is a page from nowhere.
      String from = URI.create(origin).getAuthority();
      return from == null || !from.equalsIgnoreCase(host);
    } catch (IllegalArgumentException e) {
      return true;
    }
  }

  private Optional<Caller> caller(@Nullable String authorization, @Nullable String apiKey) {
    return keys.caller(authorization, apiKey);
  }

  private void configure(WsConfig ws) {
    ws.onConnect(ctx -> {
      ctx.session.setMaxTextMessageSize(LARGEST_MESSAGE_BYTES);
      ctx.session.setIdleTimeout(idleTimeout);
      caller(ctx.header("Authorization"), ctx.header("x-api-key"))
          .ifPresent(caller ->
              open.put(
                  ctx.sessionId(),
                  new StreamSocket(caller, desk, new Outbox(ctx.session, PATIENCE))));
    });
    ws.onMessage(ctx -> {
      StreamSocket socket = open.get(ctx.sessionId());
      if (socket != null) {
        socket.said(ctx.message());
      }
    });
    ws.onClose(this::gone);
    ws.onError(this::gone);
  }

  private void gone(WsContext ctx) {
    StreamSocket socket = open.remove(ctx.sessionId());
    if (socket != null) {
      socket.left();
    }
  }

  /**
   * Lets those under way hear that we stop, and closes all.
   *
   * @param grace how long they may take to hear it
   */
  void close(Duration grace) {
    long until = System.nanoTime() + grace.toNanos();
    try {
      while (!open.values().stream().allMatch(StreamSocket::idle)
          && System.nanoTime() - until < 0) {
        TimeUnit.MILLISECONDS.sleep(A_MOMENT_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    open.values()
        .forEach(socket -> socket.outbox().close(Outbox.GOING_AWAY, "this instance is stopping"));
  }
}
