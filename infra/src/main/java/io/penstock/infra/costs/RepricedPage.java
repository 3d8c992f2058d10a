package io.penstock.infra.costs;

import java.util.Locale;

/** What pricing again came to, on a page for people. */
public final class RepricedPage {
  private RepricedPage() {}

  /** Several lines, the last one ended. */
  public static String of(LedgerRepricing.Outcome outcome) {
    var table =
        new Columns(
            "model",
            "events",
            "unchanged",
            "changed",
            "known now",
            "no price",
            "spent",
            "becomes",
            "avoided",
            "becomes");
    outcome.byModel().forEach((model, totals) -> add(table, model, totals));
    Totals total = outcome.total();
    add(table, "total", total);
    String unreadable =
        outcome.unreadable() == 0
            ? ""
            : String.format(Locale.ROOT, "%,d records are no events%n", outcome.unreadable());
    return table.text() + "\n" + unreadable + end(outcome.written(), total.changed());
  }

  private static void add(Columns table, String name, Totals totals) {
    table.add(
        name,
        totals.events(),
        totals.events() - totals.changed() - totals.unpriced(),
        totals.changed(),
        totals.known(),
        totals.unpriced(),
        Totals.usd(totals.spentBefore()),
        Totals.usd(totals.spentAfter()),
        Totals.usd(totals.avoidedBefore()),
        Totals.usd(totals.avoidedAfter()));
  }

  private static String end(boolean written, long changed) {
    if (changed == 0) {
      return "nothing to change\n";
    }
    return String.format(
        Locale.ROOT,
        written
            ? "%,d events were written again, under their next revision%n"
            : "nothing was written: say --apply to write %,d events again%n",
        changed);
  }
}
