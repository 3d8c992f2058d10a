package io.penstock.embedded.simulator;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Where calls to models arrive: reads them, counts them, and has them served. */
final class ModelEndpoint implements Handler {
  /** The headers that {@code /admin/calls} shows. Keys are secrets, and not among them. */
  private static final Set<String> SHOWN =
      Set.of(
          "accept",
          "anthropic-beta",
          "anthropic-version",
          "content-type",
          "idempotency-key",
          "traceparent",
          "user-agent",
          "x-client-request-id",
          "x-request-id",
          "x-stainless-retry-count");

  private final Dialect dialect;
  private final Provider provider;

  ModelEndpoint(Dialect dialect, Provider provider) {
    this.dialect = dialect;
    this.provider = provider;
  }

  @Override
  public void handle(Context context) {
    int inFlight = provider.enter();
    try {
      byte[] body = context.req().getInputStream().readNBytes(Simulator.LARGEST_BODY_BYTES + 1);
      serve(context, body, inFlight);
    } catch (IOException e) {
      // The caller left before it had asked for anything.
      context.status(HttpStatus.BAD_REQUEST);
    } finally {
      provider.leave();
    }
  }

  private void serve(Context context, byte[] body, int inFlight) {
    long number = provider.nextNumber();
    RecentCalls.Call seen = provider.recent.opened(number, dialect.path(), shown(context), body);
    Caller caller = Caller.of(context);
    CallBody read;
    PricedModel model;
    try {
      read = parse(body);
      model = read.model(provider.prices, provider.now());
    } catch (WrongRequestException e) {
      new ServedCall(dialect, provider, caller, number, seen, provider.stats.calledUnknown())
          .refuse(e.refusal());
      return;
    }
    seen.names(model.name());
    ServedCall call =
        new ServedCall(dialect, provider, caller, number, seen, provider.stats.called(model));
    try {
      call.serve(
          dialect.read(read, model, name -> Optional.ofNullable(context.header(name))), inFlight);
    } catch (WrongRequestException e) {
      call.refuse(e.refusal());
    }
  }

  private static CallBody parse(byte[] body) throws WrongRequestException {
    if (body.length > Simulator.LARGEST_BODY_BYTES) {
      throw new WrongRequestException(
          new Refusal(
              Refusal.Kind.TOO_LARGE,
              "the request has more than " + Simulator.LARGEST_BODY_BYTES + " bytes: shorten it",
              "body"));
    }
    return CallBody.parse(body);
  }

  private static Map<String, String> shown(Context context) {
    Map<String, String> shown = new LinkedHashMap<>();
    context
        .headerMap()
        .forEach((name, value) -> {
          String lower = name.toLowerCase(Locale.ROOT);
          if (SHOWN.contains(lower)) {
            shown.put(lower, value);
          }
        });
    return shown;
  }
}
