package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.json.ProvidersWriter;
import io.penstock.ingress.providers.ModelState;
import io.penstock.ingress.providers.ProvidersView;
import io.penstock.policies.Reason;
import io.penstock.policies.route.ModelDirectory;
import java.util.List;

/**
 * How the models of the providers stand. What others may have named a model of their own is for
 * operators; anybody may see those that everybody may ask for.
 */
record ProvidersHandler(ProvidersView view, ModelDirectory models) {

  Reply handle(Context ctx, Caller caller) {
    return view.models()
        .map(all -> Reply.json(HttpStatuses.OK, ProvidersWriter.write(visible(all, caller))))
        .orElseGet(() ->
            Reply.failure(
                Reason.UNAVAILABLE.because("this instance is still reading the log: try again")));
  }

  private List<ModelState> visible(List<ModelState> all, Caller caller) {
    return caller.operator()
        ? all
        : all.stream().filter(each -> models.providerByModel().containsKey(each.model())).toList();
  }
}
