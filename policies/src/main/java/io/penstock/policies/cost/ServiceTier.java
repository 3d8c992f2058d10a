package io.penstock.policies.cost;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The words for a provider's service tiers. Providers have several for one thing; ours is the one
 * that a price row has (docs/measurements.md, Providers §1.5 and §2.1).
 */
public final class ServiceTier {
  /** What is charged when nobody says otherwise. */
  public static final String DEFAULT = "default";

  private static final String PRIORITY = "priority";
  private static final Set<String> HALF_PRICE = Set.of("batch", "flex");

  private ServiceTier() {}

  /** Our word for a tier; {@link #DEFAULT} when none was named. */
  public static String of(@Nullable String named) {
    String word = named == null ? "" : named.strip().toLowerCase(Locale.ROOT);
    return switch (word) {
      case "", "auto", "standard", "standard_only", "on_demand" -> DEFAULT;
      case "fast" -> PRIORITY;
      default -> word;
    };
  }

  /** Whether a tier without a price of its own is taken for half of the usual one. */
  static boolean usuallyHalf(String tier) {
    return HALF_PRICE.contains(tier);
  }
}
