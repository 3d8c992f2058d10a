package io.penstock.ingress;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every exchange has in common: who calls, what goes back, how long it took. */
final class Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
  private static final String NO_KEY =
      "send an API key as \"Authorization: Bearer …\" or \"x-api-key: …\"";
  private static final String NO_ROUTE = "none";

  private final ApiKeys keys;
  private final Timings timings;

  /** Handles a call by somebody we know. */
  interface Known {
    Outcome handle(Context ctx, Caller caller);
  }

  /** Handles a call by anybody. */
  interface Anybody {
    Outcome handle(Context ctx);
  }

  Exchange(ApiKeys keys, Timings timings) {
    this.keys = keys;
    this.timings = timings;
  }

  Handler withKey(Known handler) {
    return open(ctx -> {
      Optional<Caller> caller = keys.caller(ctx.header("Authorization"), ctx.header("x-api-key"));
      return caller.isPresent() ? handler.handle(ctx, caller.get()) : unauthorized(ctx);
    });
  }

  Handler open(Anybody handler) {
    return ctx -> {
      long begun = System.nanoTime();
      Outcome outcome = handler.handle(ctx);
      switch (outcome) {
        case Reply reply -> write(ctx, reply);
        case Outcome.Told _ -> {}
      }
      timings.exchanged(ctx.endpoint().path, outcome.status(), System.nanoTime() - begun);
    };
  }

  private static Reply unauthorized(Context ctx) {
    return failure(ctx, Reason.UNAUTHORIZED.because(NO_KEY));
  }

  /** What no route handles, and what a handler did not foresee. */
  void otherwise(RoutesConfig routes) {
    routes.exception(
        MethodNotAllowedResponse.class,
        (e, ctx) -> {
          String allowed = String.join(", ", e.getDetails().values());
          ctx.header("Allow", allowed);
          reply(
              ctx,
              failure(ctx, Reason.METHOD_NOT_ALLOWED.because("this path only knows " + allowed)));
        });
    routes.exception(HttpResponseException.class, (e, ctx) -> reply(ctx, failure(ctx, failure(e))));
    routes.exception(
        Exception.class,
        (e, ctx) -> {
          LOG.error("{} {} failed", ctx.method(), ctx.endpoint().path, e);
          reply(
              ctx,
              failure(
                  ctx,
                  Reason.INTERNAL_ERROR.because("this should not have happened: see the log")));
        });
  }

  private static Reply failure(Context ctx, Failure failure) {
    return Reply.failure(failure, Faces.of(ctx.path()));
  }

  private static Failure failure(HttpResponseException e) {
    return switch (e.getStatus()) {
      case 401 -> Reason.UNAUTHORIZED.because(NO_KEY);
      case 403 -> Reason.UNAUTHORIZED.because(String.valueOf(e.getMessage()));
      case 404 -> Reason.NOT_FOUND.because("there is nothing at this path");
      case 503 -> Reason.OVERLOADED.because(String.valueOf(e.getMessage()));
      default -> Reason.INVALID_VALUE.because(String.valueOf(e.getMessage()));
    };
  }

  private void reply(Context ctx, Reply reply) {
    write(ctx, reply);
    timings.exchanged(NO_ROUTE, reply.status(), 0);
  }

  private static void write(Context ctx, Reply reply) {
    ctx.status(reply.status());
    ctx.contentType(reply.contentType());
    reply.headers().forEach(header -> ctx.header(header.name(), header.value()));
    ctx.result(reply.body());
  }
}
