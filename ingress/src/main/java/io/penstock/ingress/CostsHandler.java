package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.json.ResponseWriter;
import io.penstock.ingress.json.ResponseWriter.Amounts;
import io.penstock.ingress.ledger.By;
import io.penstock.ingress.ledger.LedgerView;
import io.penstock.ingress.ledger.Sum;
import io.penstock.policies.Reason;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The ledger. */
record CostsHandler(LedgerView ledger) {
  private static final String BY = "by";
  private static final String TENANT = "tenant";

  Reply handle(Context ctx, Caller caller) {
    String word = ctx.queryParam(BY);
    var by = By.of(word == null ? By.TENANT.word() : word);
    if (by.isEmpty()) {
      return Reply.failure(Reason.INVALID_VALUE.because("by is tenant, model, lane or cause", BY));
    }
    String tenant = ctx.queryParam(TENANT);
    if (tenant != null && !caller.maySee(tenant)) {
      return Reply.failure(
          Reason.INVALID_VALUE.because("only your own costs can be seen with this key", TENANT));
    }
    return report(by.get(), tenant == null && !caller.operator() ? caller.tenant() : tenant);
  }

  private Reply report(By by, @Nullable String tenant) {
    var report = ledger.report(by, tenant);
    if (report.isEmpty()) {
      return Reply.failure(
          Reason.UNAVAILABLE.because("this instance is still reading the log: try again"));
    }
    Map<String, Amounts> rows = new LinkedHashMap<>();
    report.get().rows().forEach((key, sum) -> rows.put(key, amounts(sum)));
    return Reply.json(
        HttpStatuses.OK, ResponseWriter.costs(by.word(), rows, amounts(report.get().total())));
  }

  private static Amounts amounts(Sum sum) {
    return new Amounts(sum.events(), sum.spent(), sum.avoided(), sum.estimated(), sum.unknown());
  }
}
