package io.penstock.policies.cost;

import io.penstock.schemas.Money;
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

  private final Map<String, List<Price>> rows = new HashMap<>();
  private final Map<String, List<Price>> families = new HashMap<>();
  private final Map<String, String> providerByModel = new TreeMap<>();
  private final Map<String, String> regions;

  /** Two prices of one model and service tier from one instant contradict each other. */
  public PriceCatalogue(List<Price> prices) {
    this(prices, Map.of());
  }

  /**
   * A catalogue for providers that are called in a certain region.
   *
   * @param regions by provider
   */
  PriceCatalogue(List<Price> prices, Map<String, String> regions) {
    this.regions = Map.copyOf(regions);
    for (Price price : prices) {
      List<Price> known =
          rows.computeIfAbsent(key(price.provider(), price.model()), k -> new ArrayList<>());
      if (known.stream().anyMatch(other -> contradicts(price, other))) {
        throw new IllegalArgumentException(
            "%s/%s has two prices from %s"
                .formatted(price.provider(), price.model(), price.effectiveFrom()));
      }
      known.add(price);
      families
          .computeIfAbsent(key(price.provider(), alias(price.model())), k -> new ArrayList<>())
          .add(price);
      providerByModel.putIfAbsent(price.model(), price.provider());
    }
    rows.values().forEach(list -> list.sort(Comparator.comparing(Price::effectiveFrom).reversed()));
  }

  private static boolean contradicts(Price one, Price other) {
    return one.effectiveFrom().equals(other.effectiveFrom())
        && one.terms().serviceTier().equals(other.terms().serviceTier());
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
    return PriceFile.read(in);
  }

  /** The usual price of a model, as {@link #find(String, String, String, Instant)}. */
  public Optional<Price> find(String provider, String model, Instant at) {
    return find(provider, model, null, at);
  }

  /**
   * The price for a model as the provider named it, in a service tier, at an instant and its time
   * of day. Empty is unknown, never free. Batch and flex without a row of their own are taken for
   * half price, which the price says of itself.
   *
   * @param tier in anybody's words; null for the usual one
   */
  public Optional<Price> find(String provider, String model, @Nullable String tier, Instant at) {
    List<Price> standing = standing(provider, model, at);
    String wanted = ServiceTier.of(tier);
    return in(standing, wanted)
        .or(() ->
            in(standing, ServiceTier.DEFAULT)
                .filter(usual -> ServiceTier.usuallyHalf(wanted))
                .map(usual -> usual.halvedFor(wanted)))
        .map(price -> price.at(at).in(regions.get(provider)));
  }

  /**
   * What so many tokens may cost at most in a call that begins in a span of time, whenever in it,
   * and whichever dated snapshot of the model answers. A provider that has no room in the tier that
   * was asked for may serve, and charge, the usual one.
   *
   * @param tier in anybody's words; null for the usual one
   * @param plain whether all of it is text
   * @return empty when some price of it is unknown
   */
  public Optional<Money> atMost(
      String provider,
      String model,
      @Nullable String tier,
      Instant from,
      Instant until,
      long input,
      long output,
      boolean plain) {
    if (find(provider, model, tier, from).isEmpty()
        || find(provider, model, tier, until).isEmpty()) {
      return Optional.empty();
    }
    String wanted = ServiceTier.of(tier);
    // One that costs half where nobody stated its price costs no more than the usual one.
    return families.getOrDefault(key(provider, alias(model)), List.of()).stream()
        .filter(price -> mayStand(price, from, until))
        .filter(price -> {
          String served = price.terms().serviceTier();
          return served.equals(wanted) || served.equals(ServiceTier.DEFAULT);
        })
        .map(price -> price.in(regions.get(provider)).atMost(input, output, plain))
        .max(Money::compareTo);
  }

  private static boolean mayStand(Price price, Instant from, Instant until) {
    Instant to = price.effectiveTo();
    return !price.effectiveFrom().isAfter(until) && (to == null || to.isAfter(from));
  }

  /** Every model with a price, and the provider that sells it. */
  public Map<String, String> providerByModel() {
    return Map.copyOf(providerByModel);
  }

  // A snapshot with a price of its own has nothing of its alias: not even a tier that it lacks.
  private List<Price> standing(String provider, String model, Instant at) {
    List<Price> own = exactly(provider, model, at);
    return own.isEmpty() ? exactly(provider, alias(model), at) : own;
  }

  private List<Price> exactly(String provider, String model, Instant at) {
    return rows.getOrDefault(key(provider, model), List.of()).stream()
        .filter(price -> price.standsAt(at))
        .toList();
  }

  private static Optional<Price> in(List<Price> standing, String tier) {
    return standing.stream().filter(price -> price.terms().serviceTier().equals(tier)).findFirst();
  }

  private static String alias(String model) {
    return SNAPSHOT.matcher(model).replaceFirst("");
  }

  private static String key(String provider, String model) {
    return provider + "/" + model;
  }
}
