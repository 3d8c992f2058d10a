package io.penstock.policies.cost;

import java.util.Locale;

/** What can be odd about an amount. The codes are on the billing topic and never change. */
public enum Note {
  /** A price or a part of it was worked out, not stated by the provider. */
  PRICE_DERIVED,
  /** The model has a price, but not in this service tier: the amount is unknown. */
  TIER_UNPRICED,
  /** Something that is charged by the piece has no price: the amount is unknown. */
  FEE_UNPRICED,
  /** The provider's counts contradict each other. */
  USAGE_INCONSISTENT,
  /**
   * Nobody said how much of the input came from the provider's cache: all of it is billed in full.
   */
  CACHE_UNKNOWN,
  /** The amount is beyond all bounds, and therefore unknown. */
  AMOUNT_TOO_LARGE,
  /** Counted by what was visible of an answer whose model also thinks unseen. */
  REASONING_UNSEEN;

  /** Whether it is about a price, and holds for that price only. */
  boolean ofPrice() {
    return switch (this) {
      case PRICE_DERIVED, TIER_UNPRICED, FEE_UNPRICED, AMOUNT_TOO_LARGE -> true;
      case USAGE_INCONSISTENT, CACHE_UNKNOWN, REASONING_UNSEEN -> false;
    };
  }

  /** Its name in a cost event. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
