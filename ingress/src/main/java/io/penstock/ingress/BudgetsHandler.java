package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.ingress.budgets.BudgetView;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.json.BudgetsWriter;
import io.penstock.policies.Reason;
import java.time.InstantSource;

/** How budgets stand: a tenant's own, or for the operator everybody's. */
record BudgetsHandler(BudgetView budgets, InstantSource clock) {
  private static final String TENANT = "tenant";

  Reply handle(Context ctx, Caller caller) {
    String tenant = ctx.queryParam(TENANT);
    if (tenant != null && !caller.maySee(tenant)) {
      return Reply.failure(
          Reason.INVALID_VALUE.because("only your own budgets can be seen with this key", TENANT));
    }
    return budgets
        .balances(tenant == null && !caller.operator() ? caller.tenant() : tenant, clock.instant())
        .map(balances -> Reply.json(HttpStatuses.OK, BudgetsWriter.write(balances)))
        .orElseGet(() ->
            Reply.failure(
                Reason.UNAVAILABLE.because("this instance is still reading the log: try again")));
  }
}
