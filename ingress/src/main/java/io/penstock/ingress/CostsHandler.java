package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.json.CostsWriter;
import io.penstock.ingress.ledger.By;
import io.penstock.ingress.ledger.LedgerView;
import io.penstock.ingress.ledger.Query;
import io.penstock.policies.Reason;
import io.penstock.schemas.avro.Failure;
import java.time.DateTimeException;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/** The ledger. */
record CostsHandler(LedgerView ledger) {
  private static final String BY = "by";
  private static final String TENANT = "tenant";
  private static final String FROM = "from";
  private static final String TO = "to";

  /** A question that makes no sense. */
  private static final class Refused extends Exception {
    private final transient Failure failure;

    Refused(String message, String field) {
      this.failure = Reason.INVALID_VALUE.because(message, field);
    }
  }

  Reply handle(Context ctx, Caller caller) {
    try {
      return report(query(ctx, caller));
    } catch (Refused e) {
      return Reply.failure(e.failure);
    }
  }

  private static Query query(Context ctx, Caller caller) throws Refused {
    String word = ctx.queryParam(BY);
    var by = By.of(word == null ? By.TENANT.word() : word);
    if (by.isEmpty()) {
      throw new Refused("by is one of " + By.words(), BY);
    }
    String tenant = ctx.queryParam(TENANT);
    if (tenant != null && !caller.maySee(tenant)) {
      throw new Refused("only your own costs can be seen with this key", TENANT);
    }
    LocalDate from = day(ctx, FROM);
    LocalDate to = day(ctx, TO);
    if (from != null && to != null && !from.isBefore(to)) {
      throw new Refused("to is the day after the last, and must be later than from", TO);
    }
    return new Query(
        by.get(), tenant == null && !caller.operator() ? caller.tenant() : tenant, from, to);
  }

  private static @Nullable LocalDate day(Context ctx, String field) throws Refused {
    String day = ctx.queryParam(field);
    try {
      return day == null ? null : LocalDate.parse(day);
    } catch (DateTimeException e) {
      throw new Refused(field + " is a day in UTC, such as 2026-11-24", field);
    }
  }

  private Reply report(Query query) {
    return ledger
        .report(query)
        .map(report -> Reply.json(HttpStatuses.OK, CostsWriter.write(query, report)))
        .orElseGet(() ->
            Reply.failure(
                Reason.UNAVAILABLE.because("this instance is still reading the log: try again")));
  }
}
