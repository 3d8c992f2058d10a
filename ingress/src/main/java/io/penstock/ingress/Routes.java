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
    FilesHandler files,
    BatchesHandler batches,
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
    routes.post(Faces.FILES_PATH, exchange.withKey(files::upload));
    routes.get(Faces.FILES_PATH, exchange.withKey(files::list));
    routes.get(Faces.FILES_PATH + "/{id}", exchange.withKey(files::one));
    routes.get(Faces.FILES_PATH + "/{id}/content", exchange.withKey(files::content));
    routes.delete(Faces.FILES_PATH + "/{id}", exchange.withKey(files::delete));
    routes.post(Faces.BATCHES_PATH, exchange.withKey(batches::create));
    routes.get(Faces.BATCHES_PATH, exchange.withKey(batches::list));
    routes.get(Faces.BATCHES_PATH + "/{id}", exchange.withKey(batches::one));
    routes.post(Faces.BATCHES_PATH + "/{id}/cancel", exchange.withKey(batches::cancel));
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
