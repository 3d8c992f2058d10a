package io.penstock.infra.costs;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.stream.Collectors;

/** The ledger as {@code GET /v1/costs} tells it, on a page for people. */
public final class CostsPage {
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  private CostsPage() {}

  /** Several lines, the last one ended. */
  public static String of(JsonNode costs) {
    String by = costs.path("by").asText();
    JsonNode total = costs.path("total");
    var table = new Columns(by, "events", "tokens", "cached", "spent", "avoided", "baseline");
    for (JsonNode row : costs.path("rows")) {
      String key = row.path("key").asText();
      add(table, key.isEmpty() ? "(none)" : key, row);
    }
    add(table, "total", total);
    return "Costs by "
        + by
        + time(costs)
        + "\n\n"
        + table.text()
        + "\navoided    "
        + causes(total)
        + "\nestimated  "
        + share(usd(total, "estimated_usd"), usd(total, "spent_usd"), "spent")
        + "; of it orphaned "
        + share(usd(total, "orphaned_usd"), usd(total, "spent_usd"), "spent")
        + "\nunknown    "
        + counted(total, "unknown_events", "events")
        + ", "
        + counted(total, "unknown_tokens", "tokens")
        + "\nbaseline   "
        + costs.path("baseline").asText()
        + "\n";
  }

  private static String time(JsonNode costs) {
    String from = costs.path("from").asText();
    String to = costs.path("to").asText();
    return (from.isEmpty() ? "" : " from " + from)
        + (to.isEmpty() ? "" : " up to " + to)
        + (from.isEmpty() && to.isEmpty() ? "" : " (UTC)");
  }

  private static void add(Columns table, String name, JsonNode sum) {
    table.add(
        name,
        sum.path("events").bigIntegerValue(),
        sum.path("tokens").bigIntegerValue(),
        sum.path("cached_tokens").bigIntegerValue(),
        usd(sum, "spent_usd"),
        usd(sum, "avoided_usd"),
        usd(sum, "baseline_usd"));
  }

  private static String causes(JsonNode total) {
    String causes =
        total.path("avoided_by_cause").properties().stream()
            .map(cause -> cause.getKey() + " $" + cause.getValue().asText())
            .collect(Collectors.joining(", "));
    return causes.isEmpty() ? "nothing" : causes;
  }

  private static BigDecimal usd(JsonNode sum, String field) {
    return new BigDecimal(sum.path(field).asText("0"));
  }

  private static String share(BigDecimal part, BigDecimal whole, String of) {
    return "$" + part.toPlainString() + percent(part, whole, of);
  }

  private static String counted(JsonNode sum, String part, String whole) {
    BigInteger some = sum.path(part).bigIntegerValue();
    BigInteger all = sum.path(whole).bigIntegerValue();
    return String.format(Locale.ROOT, "%,d of %,d %s", some, all, whole)
        + percent(new BigDecimal(some), new BigDecimal(all), "");
  }

  private static String percent(BigDecimal part, BigDecimal whole, String of) {
    if (whole.signum() == 0) {
      return "";
    }
    BigDecimal percent = part.multiply(HUNDRED).divide(whole, 1, RoundingMode.HALF_UP);
    return " (" + percent + " %" + (of.isEmpty() ? "" : " of " + of) + ")";
  }
}
