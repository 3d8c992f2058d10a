package io.penstock.ingress;

import io.penstock.ingress.face.HttpStatuses;
import io.javalin.http.Context;
import io.penstock.ingress.json.ResponseWriter;
import io.penstock.policies.route.ModelDirectory;
import java.util.TreeMap;

/** The models that may be asked for. */
record ModelsHandler(ModelDirectory models) {
  Reply handle(Context ctx, Caller caller) {
    return Reply.json(
        HttpStatuses.OK, ResponseWriter.models(new TreeMap<>(models.providerByModel())));
  }
}
