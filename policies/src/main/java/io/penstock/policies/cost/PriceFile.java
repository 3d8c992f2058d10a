package io.penstock.policies.cost;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.schemas.Money;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads prices from JSON. A price that is misread costs money quietly, so whatever is not exactly
 * as expected is an {@link IllegalArgumentException} that names the row and the field.
 */
final class PriceFile {
  private static final Set<String> FILE = Set.of("version", "sources", "regions", "rows");
  private static final Set<String> ROW =
      Set.of(
          "provider",
          "model",
          "effective_from",
          "effective_to",
          "usd_per_mtok",
          "usd_per_1000",
          "tiers",
          "windows",
          "service_tiers",
          "regions",
          "multiplier",
          "derived",
          // No prices, but for whoever reads them.
          "source",
          "context_window",
          "max_output_tokens");
  private static final Set<String> SERVICE_TIER =
      Set.of("source", "usd_per_mtok", "usd_per_1000", "tiers", "windows", "derived");
  private static final Set<String> TIER =
      Set.of("above_input_tokens", "inclusive", "usd_per_mtok", "derived");

  private PriceFile() {}

  static PriceCatalogue read(InputStream in) throws IOException {
    var file = new Fields(new ObjectMapper().readTree(in), "the file");
    String version = file.text("version");
    List<Fields> rows = file.list("rows");
    file.refuseOthers(FILE);
    var regions = new HashMap<String, String>();
    file.optional("regions")
        .ifPresent(given ->
            given.names().forEach(provider -> regions.put(provider, given.text(provider))));
    var prices = new ArrayList<Price>();
    for (int i = 0; i < rows.size(); i++) {
      prices.addAll(prices(rows.get(i).at("row " + (i + 1)), version));
    }
    return new PriceCatalogue(prices, regions);
  }

  /** The usual price of a row, and those of its service tiers. */
  private static List<Price> prices(Fields unplaced, String version) {
    String provider = unplaced.text("provider");
    String model = unplaced.at(unplaced.where() + " (" + provider + ")").text("model");
    Fields row = unplaced.at(unplaced.where() + " (" + provider + "/" + model + ")");
    row.refuseOthers(ROW);
    var from = row.instant("effective_from");
    String name = version + "/" + provider + "/" + model + "@" + from;
    var usual =
        new Price(
            provider,
            model,
            name,
            from,
            row.has("effective_to") ? row.instant("effective_to") : null,
            complete(row),
            tiers(row),
            terms(row, ServiceTier.DEFAULT, null));
    var prices = new ArrayList<Price>(List.of(usual));
    row.optional("service_tiers")
        .ifPresent(tiers -> tiers.names().forEach(tier -> prices.add(inTier(usual, tier, tiers))));
    return prices;
  }

  private static Price inTier(Price usual, String tier, Fields tiers) {
    if (!ServiceTier.of(tier).equals(tier) || tier.equals(ServiceTier.DEFAULT)) {
      throw tiers.wrong(tier, "a service tier by the name that bills use, such as batch");
    }
    Fields row = tiers.inner(tier).at(tiers.where() + ": " + tier);
    row.refuseOthers(SERVICE_TIER);
    return new Price(
        usual.provider(),
        usual.model(),
        usual.version() + "#" + tier,
        usual.effectiveFrom(),
        usual.effectiveTo(),
        complete(row),
        tiers(row),
        terms(row, tier, usual.terms()));
  }

  private static Price.Terms terms(Fields row, String tier, Price.@Nullable Terms usual) {
    var regions = new HashMap<String, Multiplier>();
    row.optional("regions")
        .ifPresent(given ->
            given.names().forEach(region -> regions.put(region, given.multiplier(region))));
    var fee = row.optional("usd_per_1000").map(fees -> fees.fee("web_search"));
    row.optional("usd_per_1000").ifPresent(fees -> fees.refuseOthers(Set.of("web_search")));
    Multiplier multiplier = row.has("multiplier") ? row.multiplier("multiplier") : Multiplier.ONE;
    return new Price.Terms(
        tier,
        windows(row),
        usual == null ? Map.copyOf(regions) : usual.regions(),
        fee.orElse(usual == null ? null : usual.webSearch()),
        usual == null ? multiplier : usual.multiplier(),
        row.flag("derived"));
  }

  private static List<Price.Tier> tiers(Fields row) {
    var tiers = new ArrayList<Price.Tier>();
    if (row.has("tiers")) {
      for (Fields tier : row.list("tiers")) {
        tier.refuseOthers(TIER);
        long above = tier.whole("above_input_tokens");
        // Where the threshold itself is dear already, one token less is the last that is not.
        long last = tier.flag("inclusive") ? above - 1 : above;
        tiers.add(new Price.Tier(last, some(tier), tier.flag("derived")));
      }
    }
    return tiers;
  }

  private static List<Window> windows(Fields row) {
    var windows = new ArrayList<Window>();
    if (row.has("windows")) {
      for (Fields window : row.list("windows")) {
        if (row.has("tiers") && !row.list("tiers").isEmpty() && !window.has("tiers")) {
          throw window.wrong("tiers", "a list, because the row has tiers");
        }
        windows.add(WindowFields.read(window, some(window), tiers(window)));
      }
    }
    return windows;
  }

  private static Rates complete(Fields node) {
    Fields usd = node.inner("usd_per_mtok");
    usd.perMillion(Rate.INPUT.word());
    usd.perMillion(Rate.OUTPUT.word());
    return some(node);
  }

  /** Rates of which some may be missing: those of the row hold then. */
  private static Rates some(Fields node) {
    Fields usd = node.inner("usd_per_mtok");
    var rates = new HashMap<Rate, Money>();
    for (String word : usd.names()) {
      Rate rate =
          Rate.of(word).orElseThrow(() -> usd.wrong(word, "left out: there is no such field"));
      if (usd.has(word)) {
        rates.put(rate, usd.perMillion(word));
      }
    }
    return new Rates(rates);
  }
}
