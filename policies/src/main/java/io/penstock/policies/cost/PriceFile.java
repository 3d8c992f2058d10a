package io.penstock.policies.cost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.schemas.Money;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads prices from JSON. A price that is misread costs money quietly, so whatever is not exactly
 * as expected is an {@link IllegalArgumentException} that names the row and the field.
 */
final class PriceFile {
  // $ per million tokens to pico-dollars per token.
  private static final int PER_MILLION_TO_PICO = 6;

  private PriceFile() {}

  static List<Price> read(InputStream in) throws IOException {
    JsonNode file = new ObjectMapper().readTree(in);
    String version = text(file, "version", "the file");
    JsonNode rows = list(file, "rows", "the file");
    var prices = new ArrayList<Price>();
    for (int i = 0; i < rows.size(); i++) {
      prices.add(price(rows.get(i), "row " + (i + 1), version));
    }
    return prices;
  }

  private static Price price(JsonNode row, String place, String version) {
    String provider = text(row, "provider", place);
    String model = text(row, "model", place + " (" + provider + ")");
    String where = place + " (" + provider + "/" + model + ")";
    Instant from = instant(row, "effective_from", where);
    var tiers = new ArrayList<Price.Tier>();
    if (row.hasNonNull("tiers")) {
      for (JsonNode tier : list(row, "tiers", where)) {
        tiers.add(new Price.Tier(threshold(tier, where), rates(tier, where)));
      }
    }
    return new Price(
        provider,
        model,
        version + "/" + provider + "/" + model + "@" + from,
        from,
        row.hasNonNull("effective_to") ? instant(row, "effective_to", where) : null,
        rates(row, where),
        tiers);
  }

  private static Rates rates(JsonNode node, String where) {
    JsonNode usd = node.path("usd_per_mtok");
    return new Rates(
        rate(usd, "input", where),
        optionalRate(usd, "cache_read", where),
        optionalRate(usd, "cache_write", where),
        optionalRate(usd, "cache_write_long", where),
        rate(usd, "output", where));
  }

  private static @Nullable Money optionalRate(JsonNode usd, String field, String where) {
    return usd.hasNonNull(field) ? rate(usd, field, where) : null;
  }

  private static Money rate(JsonNode usd, String field, String where) {
    String rate = text(usd, field, where + ": usd_per_mtok");
    try {
      long pico = new BigDecimal(rate).movePointRight(PER_MILLION_TO_PICO).longValueExact();
      if (pico >= 0) {
        return new Money(pico);
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // Said below, as a negative rate is.
    }
    throw wrong(
        usd, field, where + ": usd_per_mtok", "a decimal with at most 6 decimals, 0 or more");
  }

  private static long threshold(JsonNode tier, String where) {
    JsonNode tokens = tier.path("above_input_tokens");
    if (!tokens.isIntegralNumber() || !tokens.canConvertToLong() || tokens.asLong() < 1) {
      throw wrong(tier, "above_input_tokens", where + ": tiers", "a whole number, 1 or more");
    }
    return tokens.asLong();
  }

  private static Instant instant(JsonNode node, String field, String where) {
    try {
      return Instant.parse(text(node, field, where));
    } catch (DateTimeParseException e) {
      throw wrong(node, field, where, "an instant such as 2026-01-31T00:00:00Z");
    }
  }

  private static JsonNode list(JsonNode node, String field, String where) {
    if (!node.path(field).isArray()) {
      throw wrong(node, field, where, "a list");
    }
    return node.path(field);
  }

  private static String text(JsonNode node, String field, String where) {
    if (!node.path(field).isTextual()) {
      throw wrong(node, field, where, "a string");
    }
    return node.path(field).asText();
  }

  private static IllegalArgumentException wrong(
      JsonNode node, String field, String where, String expected) {
    JsonNode value = node.path(field);
    return new IllegalArgumentException(
        where
            + ": \""
            + field
            + "\" must be "
            + expected
            + (value.isMissingNode() ? "; it is missing" : "; it is " + value));
  }
}
