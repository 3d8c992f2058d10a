package io.penstock.policies.cost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.schemas.Money;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Dated prices by provider and model. Immutable.
 *
 * <p>The bundled file is data, not code: see {@code infra/prices} for where it comes from.
 */
public final class PriceCatalogue {
  private static final String BUNDLED = "/penstock/prices.json";
  // Providers answer with dated snapshots of the alias that was asked for.
  private static final Pattern SNAPSHOT = Pattern.compile("-(\\d{4}-\\d{2}-\\d{2}|\\d{8})$");
  // $ per million tokens to pico-dollars per token.
  private static final int PER_MILLION_TO_PICO = 6;

  private final Map<String, List<Price>> rows = new HashMap<>();
  private final Map<String, String> providerByModel = new TreeMap<>();

  public PriceCatalogue(List<Price> prices) {
    for (Price price : prices) {
      rows.computeIfAbsent(key(price.provider(), price.model()), k -> new ArrayList<>()).add(price);
      providerByModel.putIfAbsent(price.model(), price.provider());
    }
    rows.values().forEach(list -> list.sort(Comparator.comparing(Price::effectiveFrom).reversed()));
  }

  /** The catalogue that ships with Penstock. */
  public static PriceCatalogue bundled() {
    try (InputStream in = bundledFile()) {
      return parse(in);
    } catch (IOException e) {
      throw new UncheckedIOException("reading the bundled prices failed", e);
    }
  }

  /** The bundled file itself, for readers with an arithmetic of their own. */
  public static InputStream bundledFile() {
    InputStream in = PriceCatalogue.class.getResourceAsStream(BUNDLED);
    if (in == null) {
      throw new IllegalStateException("the price file " + BUNDLED + " is missing from the build");
    }
    return in;
  }

  /**
   * Reads a price file.
   *
   * @throws IllegalArgumentException naming the row and the field that is wrong
   * @throws IOException when the file cannot be read or is not JSON
   */
  public static PriceCatalogue parse(InputStream in) throws IOException {
    JsonNode file = new ObjectMapper().readTree(in);
    String version = text(file, "version", "the file");
    var prices = new ArrayList<Price>();
    for (JsonNode row : file.path("rows")) {
      prices.add(price(row, version));
    }
    return new PriceCatalogue(prices);
  }

  /** The row for a model as the provider named it, at an instant. Empty is unknown, never free. */
  public Optional<Price> find(String provider, String model, Instant at) {
    return exact(provider, model, at)
        .or(() -> exact(provider, SNAPSHOT.matcher(model).replaceFirst(""), at));
  }

  /** Every model with a price, and the provider that sells it. */
  public Map<String, String> providerByModel() {
    return Map.copyOf(providerByModel);
  }

  private Optional<Price> exact(String provider, String model, Instant at) {
    return rows.getOrDefault(key(provider, model), List.of()).stream()
        .filter(price -> price.standsAt(at))
        .findFirst();
  }

  private static String key(String provider, String model) {
    return provider + "/" + model;
  }

  private static Price price(JsonNode row, String version) {
    String provider = text(row, "provider", "a row");
    String model = text(row, "model", "a row of " + provider);
    String where = provider + "/" + model;
    String from = text(row, "effective_from", where);
    JsonNode to = row.path("effective_to");
    var tiers = new ArrayList<Price.Tier>();
    for (JsonNode tier : row.path("tiers")) {
      tiers.add(
          new Price.Tier(
              tier.path("above_input_tokens").asLong(), rates(tier.path("usd_per_mtok"), where)));
    }
    return new Price(
        provider,
        model,
        version + "/" + where + "@" + from,
        Instant.parse(from),
        to.isTextual() ? Instant.parse(to.asText()) : null,
        rates(row.path("usd_per_mtok"), where),
        tiers);
  }

  private static Rates rates(JsonNode usd, String where) {
    return new Rates(
        required(usd, "input", where),
        optional(usd, "cache_read", where),
        optional(usd, "cache_write", where),
        optional(usd, "cache_write_long", where),
        required(usd, "output", where));
  }

  private static Money required(JsonNode usd, String field, String where) {
    Money rate = optional(usd, field, where);
    if (rate == null) {
      throw new IllegalArgumentException(where + ": usd_per_mtok." + field + " is missing");
    }
    return rate;
  }

  private static @Nullable Money optional(JsonNode usd, String field, String where) {
    JsonNode value = usd.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    try {
      return new Money(
          new BigDecimal(value.asText()).movePointRight(PER_MILLION_TO_PICO).longValueExact());
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException(
          where
              + ": usd_per_mtok."
              + field
              + " must be a decimal string with at most 6 decimals, not "
              + value,
          e);
    }
  }

  private static String text(JsonNode node, String field, String where) {
    JsonNode value = node.path(field);
    if (!value.isTextual()) {
      throw new IllegalArgumentException(where + ": \"" + field + "\" is missing");
    }
    return value.asText();
  }
}
