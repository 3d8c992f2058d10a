package io.penstock.ingress;

import io.javalin.http.Context;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.penstock.ingress.face.HttpStatuses;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Metrics as Prometheus reads them. */
record MetricsHandler(PrometheusMeterRegistry meters) {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  Reply handle(Context ctx) {
    return new Reply(
        HttpStatuses.OK, TEXT, meters.scrape().getBytes(StandardCharsets.UTF_8), List.of());
  }
}
