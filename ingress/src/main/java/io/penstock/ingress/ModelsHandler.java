package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.ingress.anthropic.AnthropicModels;
import io.penstock.ingress.face.Face;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.openai.OpenAiModels;
import io.penstock.policies.Reason;
import io.penstock.policies.route.ModelDirectory;
import java.util.TreeMap;

/** The models that may be asked for, as OpenAI lists them, or as Anthropic does to its own SDKs. */
record ModelsHandler(ModelDirectory models) {
  private static final String ANTHROPIC = "anthropic-version";

  Reply all(Context ctx, Caller caller) {
    var sorted = new TreeMap<>(models.providerByModel());
    return Reply.json(
        HttpStatuses.OK,
        ctx.header(ANTHROPIC) == null ? OpenAiModels.list(sorted) : AnthropicModels.list(sorted));
  }

  Reply one(Context ctx, Caller caller) {
    boolean anthropic = ctx.header(ANTHROPIC) != null;
    String id = ctx.pathParam("id");
    String provider = models.providerByModel().get(id);
    if (provider == null) {
      Face face = anthropic ? Faces.MESSAGES : Faces.CHAT;
      return Reply.failure(
          Reason.UNKNOWN_MODEL.because("no configured provider serves this model", "model"), face);
    }
    return Reply.json(
        HttpStatuses.OK, anthropic ? AnthropicModels.one(id) : OpenAiModels.one(id, provider));
  }
}
