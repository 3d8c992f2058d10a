package io.penstock.policies.budget;

import io.penstock.schemas.Money;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant, or one of its keys, may spend.
 *
 * @param keyId name of the API key; null for everything the tenant spends
 * @param hard whether nothing is called beyond it; a soft one only tells that it is exceeded
 * @param unknownPrices whether a hard one lets models be called whose price is unknown. They count
 *     nothing, so that it no longer bounds what is spent
 */
public record Budget(
    String tenant,
    @Nullable String keyId,
    Period period,
    Money limit,
    boolean hard,
    boolean unknownPrices) {

  public Budget {
    if (tenant.isBlank() || (keyId != null && keyId.isBlank())) {
      throw new IllegalArgumentException("a budget is a tenant's, or one of its keys'");
    }
    if (limit.pico() < 0) {
      throw new IllegalArgumentException("the limit of a budget must not be negative: " + limit);
    }
  }

  /** A hard budget of a tenant. */
  public static Budget hard(String tenant, Period period, Money limit) {
    return new Budget(tenant, null, period, limit, true, false);
  }

  /** A soft budget of a tenant. */
  public static Budget soft(String tenant, Period period, Money limit) {
    return new Budget(tenant, null, period, limit, false, true);
  }

  /** The same for one key of the tenant. */
  public Budget ofKey(String keyId) {
    return new Budget(tenant, keyId, period, limit, hard, unknownPrices);
  }

  /** Its money in the window of an instant. */
  public Pot potAt(Instant at) {
    return new Pot(this, period.at(at));
  }

  /** What tells it from all others; parts are told apart by their length. */
  public String id() {
    return "%d:%s/%s/%s/%s"
        .formatted(
            tenant.length(),
            tenant,
            keyId == null ? "-" : "key:" + keyId.length() + ":" + keyId,
            period.word(),
            hard ? "hard" : "soft");
  }

  /** Whose budget it is, for people. */
  String owner() {
    return keyId == null
        ? "the tenant \"" + tenant + "\""
        : "the key \"" + keyId + "\" of the tenant \"" + tenant + "\"";
  }
}
