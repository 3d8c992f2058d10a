package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.health.Readiness;
import io.penstock.ingress.json.ResponseWriter;

/** Live, and ready. */
record HealthHandler(Readiness readiness) {
  Reply live(Context ctx) {
    return Reply.json(HttpStatuses.OK, ResponseWriter.live());
  }

  Reply ready(Context ctx) {
    var checks = readiness.check();
    byte[] body = ResponseWriter.ready(checks.ready(), checks.byName());
    return checks.ready()
        ? Reply.json(HttpStatuses.OK, body)
        : Reply.json(HttpStatuses.UNAVAILABLE, body, Reply.COME_BACK);
  }
}
