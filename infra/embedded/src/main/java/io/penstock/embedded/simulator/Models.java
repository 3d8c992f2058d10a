package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;

/**
 * The models that can be called. Each is written so that both dialects find in it what they look
 * for: OpenAI's fields, and Anthropic's beside them.
 */
final class Models {
  private final Provider provider;

  Models(Provider provider) {
    this.provider = provider;
  }

  void addTo(RoutesConfig routes) {
    routes.get("/v1/models", this::list);
    routes.get("/v1/models/<id>", this::one);
  }

  private void list(Context context) {
    List<PricedModel> models = provider.prices.all(provider.now());
    ObjectNode list = Json.MAPPER.createObjectNode().put("object", "list");
    ArrayNode data = list.putArray("data");
    models.forEach(model -> data.add(json(model)));
    list.put("has_more", false);
    list.put("first_id", models.getFirst().name());
    list.put("last_id", models.getLast().name());
    context.contentType("application/json").result(Json.write(list));
  }

  private void one(Context context) {
    String id = context.pathParam("id");
    context.contentType("application/json");
    provider
        .prices
        .find(id, provider.now())
        .ifPresentOrElse(
            model -> context.result(Json.write(json(model))), () -> refuse(context, id));
  }

  /** In the shape of the dialect whose headers the caller sends. */
  private static void refuse(Context context, String id) {
    Refusal refusal = Refusal.unknownModel(id);
    Dialect dialect =
        context.header("anthropic-version") == null ? new OpenAiDialect() : new AnthropicDialect();
    context.status(refusal.kind().status()).result(dialect.error(refusal, "models"));
  }

  private static ObjectNode json(PricedModel model) {
    return Json.MAPPER
        .createObjectNode()
        .put("id", model.name())
        .put("object", "model")
        .put("created", model.from().getEpochSecond())
        .put("owned_by", model.provider())
        .put("type", "model")
        .put("display_name", model.name())
        .put("created_at", model.from().toString());
  }
}
