package io.penstock.ingress.ledger;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of the ledger.
 *
 * @param tenant whose events; null for everybody's
 * @param from the first day, in UTC; null for the beginning
 * @param to the day after the last, in UTC; null for the end
 */
public record Query(
    By by, @Nullable String tenant, @Nullable LocalDate from, @Nullable LocalDate to) {

  /** Everything by one breakdown. */
  public static Query by(By by) {
    return new Query(by, null, null, null);
  }

  boolean covers(Account account) {
    return (tenant == null || tenant.equals(account.tenant()))
        && (from == null || account.epochDay() >= from.toEpochDay())
        && (to == null || account.epochDay() < to.toEpochDay());
  }
}
