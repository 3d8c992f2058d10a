package io.penstock.ingress;

import io.javalin.config.RoutesConfig;

/** Paths and their handlers, and nothing else. */
record Routes(
    Exchange exchange,
    InferenceHandler inference,
    InferenceHandler chat,
    InferenceHandler embeddings,
    InferenceHandler messages,
    StreamSockets sockets,
    BatchHandler batch,
    StatusHandler status,
    CostsHandler costs,
    BudgetsHandler budgets,
    ModelsHandler models,
    ProvidersHandler providers,
    HealthHandler health,
    MetricsHandler metrics) {

  void on(RoutesConfig routes) {
    routes.post("/v1/inference", exchange.withKey(inference::handle));
    routes.post(Faces.CHAT_PATH, exchange.withKey(chat::handle));
    routes.post(Faces.EMBEDDINGS_PATH, exchange.withKey(embeddings::handle));
    routes.post(Faces.MESSAGES_PATH, exchange.withKey(messages::handle));
    sockets.on(routes, "/v1/stream");
    routes.post("/v1/batch", exchange.withKey(batch::handle));
    routes.get("/v1/requests/{id}", exchange.withKey(status::handle));
    routes.get("/v1/costs", exchange.withKey(costs::handle));
    routes.get("/v1/budgets", exchange.withKey(budgets::handle));
    routes.get("/v1/models", exchange.withKey(models::all));
    routes.get("/v1/models/<id>", exchange.withKey(models::one)); // an id may have slashes
    routes.get("/v1/providers", exchange.withKey(providers::handle));
    routes.get("/health", exchange.open(health::live));
    routes.get("/health/ready", exchange.open(health::ready));
    routes.get("/metrics", exchange.open(metrics::handle));
    exchange.otherwise(routes);
  }
}
