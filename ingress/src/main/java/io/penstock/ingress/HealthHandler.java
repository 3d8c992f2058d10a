package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.ingress.health.Readiness;
import io.penstock.ingress.json.ResponseWriter;

/** Live, and ready. */
record HealthHandler(Readiness readiness) {
  Reply live(Context ctx) {
    return Reply.json(HttpStatuses.OK, ResponseWriter.live());
  }

  Reply ready(Context ctx) {
    var checks = readiness.check();
    return Reply.json(
        checks.ready() ? HttpStatuses.OK : HttpStatuses.UNAVAILABLE,
        ResponseWriter.ready(checks.ready(), checks.byName()));
  }
}
