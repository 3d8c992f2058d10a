package io.penstock.ingress;

import io.javalin.config.RoutesConfig;

/** Paths and their handlers, and nothing else. */
record Routes(
    Exchange exchange,
    InferenceHandler inference,
    InferenceHandler chat,
    BatchHandler batch,
    StatusHandler status,
    CostsHandler costs,
    ModelsHandler models,
    HealthHandler health,
    MetricsHandler metrics) {

  void on(RoutesConfig routes) {
    routes.post("/v1/inference", exchange.withKey(inference::handle));
    routes.post("/v1/chat/completions", exchange.withKey(chat::handle));
    routes.post("/v1/batch", exchange.withKey(batch::handle));
    routes.get("/v1/requests/{id}", exchange.withKey(status::handle));
    routes.get("/v1/costs", exchange.withKey(costs::handle));
    routes.get("/v1/models", exchange.withKey(models::handle));
    routes.get("/health", exchange.open(health::live));
    routes.get("/health/ready", exchange.open(health::ready));
    routes.get("/metrics", exchange.open(metrics::handle));
    exchange.otherwise(routes);
  }
}
