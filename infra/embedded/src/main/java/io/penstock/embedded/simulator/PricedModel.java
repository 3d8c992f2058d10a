package io.penstock.embedded.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One dated row of the price catalogue.
 *
 * @param until first moment at which the row no longer holds; null while it does
 * @param usual what it costs in the default service tier
 * @param serviceTiers what it costs in those that have prices of their own
 */
record PricedModel(
    String provider,
    String name,
    Instant from,
    @Nullable Instant until,
    PriceList usual,
    Map<String, PriceList> serviceTiers) {
  static final String DEFAULT_TIER = "default";
  static final String FLEX_TIER = "flex";

  /** The tiers that cost about half where the catalogue has no price for them. */
  private static final Set<String> CHEAP_TIERS = Set.of(FLEX_TIER, BatchPlan.TIER);

  private static final BigDecimal HALF = new BigDecimal("0.5");

  PricedModel {
    serviceTiers = Map.copyOf(serviceTiers);
  }

  static PricedModel of(JsonNode row) {
    JsonNode until = row.path("effective_to");
    Map<String, PriceList> tiers = new HashMap<>();
    row.path("service_tiers")
        .properties()
        .forEach(tier -> tiers.put(tier.getKey(), PriceList.of(tier.getValue())));
    return new PricedModel(
        row.required("provider").textValue(),
        row.required("model").textValue(),
        Instant.parse(row.required("effective_from").textValue()),
        until.isTextual() ? Instant.parse(until.textValue()) : null,
        PriceList.of(row),
        tiers);
  }

  boolean holdsAt(Instant moment) {
    return !moment.isBefore(from) && (until == null || moment.isBefore(until));
  }

  /** Whether the provider charges for writing to its prefix cache, and so reports it. */
  boolean chargesForWrites() {
    return usual.base().cacheWrite() != null;
  }

  /** What a provider bills for a call that begins at {@code at}: dollars, to twelve digits. */
  BigDecimal cost(TokenUse use, String serviceTier, Instant at) {
    PriceList own = serviceTiers.get(serviceTier);
    if (own != null) {
      return own.cost(use, at, BigDecimal.ONE);
    }
    return usual.cost(use, at, CHEAP_TIERS.contains(serviceTier) ? HALF : BigDecimal.ONE);
  }
}
