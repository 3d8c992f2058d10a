package io.penstock.policies.cost;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Dated prices by provider and model. Immutable.
 *
 * <p>The bundled file is data, not code: see {@code infra/prices} for where it comes from.
 */
public final class PriceCatalogue {
  private static final String BUNDLED = "/penstock/prices.json";
  // Providers answer with dated snapshots of the alias that was asked for.
  private static final Pattern SNAPSHOT = Pattern.compile("-(\\d{4}-\\d{2}-\\d{2}|\\d{8})$");

  private final Map<String, List<Price>> rows = new HashMap<>();
  private final Map<String, String> providerByModel = new TreeMap<>();

  /** Two prices of one model from one instant contradict each other, and are refused. */
  public PriceCatalogue(List<Price> prices) {
    for (Price price : prices) {
      List<Price> known =
          rows.computeIfAbsent(key(price.provider(), price.model()), k -> new ArrayList<>());
      if (known.stream().anyMatch(p -> p.effectiveFrom().equals(price.effectiveFrom()))) {
        throw new IllegalArgumentException(
            "%s/%s has two prices from %s"
                .formatted(price.provider(), price.model(), price.effectiveFrom()));
      }
      known.add(price);
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
    return new PriceCatalogue(PriceFile.read(in));
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
}
