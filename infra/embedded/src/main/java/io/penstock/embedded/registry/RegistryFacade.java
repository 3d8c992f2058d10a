package io.penstock.embedded.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.Javalin;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.util.JavalinBindException;
import io.penstock.schemas.registry.RegistryException;
import java.util.function.Function;

/**
 * The Confluent REST interface over a registry in this JVM, so that clients in any language, and
 * our own in other processes, can use it. On loopback; one virtual thread per request.
 *
 * <p>Left out: deleting, references between schemas, kinds of schema other than Avro.
 */
public final class RegistryFacade implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";

  private final Javalin server;

  private RegistryFacade(Javalin server) {
    this.server = server;
  }

  /**
   * Serves {@code registry}, which stays the caller's to close.
   *
   * @param port 0 takes a free one, see {@link #port()}
   * @throws PortBusyException with a one-line remedy
   */
  public static RegistryFacade start(LocalRegistry registry, int port) {
    var answers = new RegistryAnswers(registry);
    var server =
        Javalin.create(config -> {
          config.startup.showJavalinBanner = false;
          config.concurrency.useVirtualThreads = true;
          schemas(config.routes, answers);
          subjects(config.routes, answers);
          rules(config.routes, answers);
          refusals(config.routes);
        });
    try {
      return new RegistryFacade(server.start(HOST, port));
    } catch (JavalinBindException e) {
      throw new PortBusyException(port, e);
    }
  }

  private static void schemas(RoutesConfig routes, RegistryAnswers answers) {
    routes.get("/", json(answers::nothing));
    routes.get("/schemas/types", json(answers::types));
    routes.get("/schemas/ids/{id}", json(answers::schema));
    routes.get("/schemas/ids/{id}/schema", json(answers::bareSchema));
    routes.get("/schemas/ids/{id}/subjects", json(answers::subjectsOfId));
    routes.get("/schemas/ids/{id}/versions", json(answers::versionsOfId));
  }

  private static void subjects(RoutesConfig routes, RegistryAnswers answers) {
    routes.get("/subjects", json(answers::subjects));
    routes.post("/subjects/{subject}", json(answers::find));
    routes.get("/subjects/{subject}/versions", json(answers::versions));
    routes.post("/subjects/{subject}/versions", json(answers::register));
    routes.get("/subjects/{subject}/versions/{version}", json(answers::version));
    routes.get("/subjects/{subject}/versions/{version}/schema", json(answers::bareVersion));
    routes.post("/compatibility/subjects/{subject}/versions", json(answers::compatibleWithAll));
    routes.post(
        "/compatibility/subjects/{subject}/versions/{version}", json(answers::compatibleWithOne));
  }

  private static void rules(RoutesConfig routes, RegistryAnswers answers) {
    routes.get("/config", json(answers::ruleOfAll));
    routes.put("/config", json(answers::setRuleOfAll));
    routes.get("/config/{subject}", json(answers::rule));
    routes.put("/config/{subject}", json(answers::setRule));
    routes.delete("/config/{subject}", json(answers::unsetRule));
    routes.get("/mode", json(answers::mode));
    routes.put("/mode", json(answers::setMode));
    routes.get("/mode/{subject}", json(answers::mode));
    routes.put("/mode/{subject}", json(answers::setMode));
  }

  private static void refusals(RoutesConfig routes) {
    routes.exception(RestError.class, RegistryFacade::refuse);
    routes.exception(RegistryException.class, (e, ctx) -> refuse(RestError.of(e), ctx));
  }

  private static void refuse(RestError error, Context ctx) {
    ctx.status(error.status());
    write(
        ctx,
        RegistryAnswers.JSON
            .createObjectNode()
            .put("error_code", error.code())
            .put("message", error.getMessage()));
  }

  private static Handler json(Function<Context, JsonNode> answer) {
    return ctx -> write(ctx, answer.apply(ctx));
  }

  private static void write(Context ctx, JsonNode node) {
    try {
      ctx.contentType(CONTENT_TYPE).result(RegistryAnswers.JSON.writeValueAsBytes(node));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON cannot be written", e);
    }
  }

  /** The address for {@code schema.registry.url}. */
  public String url() {
    return "http://" + HOST + ":" + port();
  }

  public int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.stop();
  }
}
