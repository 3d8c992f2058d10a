package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.util.UUID;

/** An endpoint that answers at once, or refuses in the shape of a dialect. */
final class JsonEndpoint implements Handler {
  private final Dialect dialect;
  private final Work work;

  /** What an endpoint does. */
  @FunctionalInterface
  interface Work {
    JsonNode answer(Context context) throws WrongRequestException, IOException;
  }

  JsonEndpoint(Dialect dialect, Work work) {
    this.dialect = dialect;
    this.work = work;
  }

  @Override
  public void handle(Context context) throws IOException {
    String id = UUID.randomUUID().toString();
    context.contentType("application/json").header(dialect.idHeader(), "req_" + id);
    try {
      context.result(Json.write(work.answer(context)));
    } catch (WrongRequestException e) {
      context.status(e.refusal().kind().status()).result(dialect.error(e.refusal(), id));
    }
  }
}
