package io.penstock.infra.costs;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;

/** Budgets as {@code GET /v1/budgets} tells them, on a page for people. */
public final class BudgetsPage {
  private BudgetsPage() {}

  /** Several lines, the last one ended. */
  public static String of(JsonNode answer) {
    JsonNode budgets = answer.path("budgets");
    if (budgets.isEmpty()) {
      return "no budgets: write some in penstock.yaml\n";
    }
    var table =
        new Columns(
            "tenant", "key", "kind", "until", "limit", "spent", "reserved", "remaining", "");
    for (JsonNode budget : budgets) {
      table.add(
          budget.path("tenant").asText(),
          text(budget, "key"),
          budget.path("kind").asText() + ", " + budget.path("period").asText(),
          text(budget, "to"),
          usd(budget, "limit_usd"),
          usd(budget, "spent_usd"),
          usd(budget, "reserved_usd"),
          usd(budget, "remaining_usd"),
          budget.path("exceeded").asBoolean() ? "exceeded" : "");
    }
    return table.text();
  }

  private static String text(JsonNode budget, String field) {
    return budget.hasNonNull(field) ? budget.path(field).asText() : "";
  }

  private static BigDecimal usd(JsonNode budget, String field) {
    return new BigDecimal(budget.path(field).asText("0"));
  }
}
