package io.penstock.policies.calling;

/**
 * Retries may be at most a tenth of successes, with a small stock to begin with, so that a failing
 * provider is not beaten further (docs/measurements.md, Providers §9, "retry storms").
 *
 * @param tenths the balance: a success adds one, a retry takes ten
 */
public record RetryBudget(int tenths) {
  private static final int RETRY = 10;
  private static final int STOCK = 200 * RETRY;

  public static final RetryBudget FULL = new RetryBudget(STOCK);

  public boolean allows() {
    return tenths >= RETRY;
  }

  public RetryBudget afterSuccess() {
    return new RetryBudget(Math.min(STOCK, tenths + 1));
  }

  public RetryBudget afterRetry() {
    return new RetryBudget(Math.max(0, tenths - RETRY));
  }
}
