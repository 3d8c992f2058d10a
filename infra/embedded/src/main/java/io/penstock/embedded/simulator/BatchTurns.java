package io.penstock.embedded.simulator;

/** The plan in force for batches. The same plan makes the same batches go in the same way. */
final class BatchTurns {
  private BatchPlan plan = BatchPlan.USUAL;
  private long batches;
  private int toExpire;

  /**
   * What is in store for one batch.
   *
   * @param number of the batch since the plan was put in force, from 1
   * @param expires whether it expires before its time
   */
  record Turn(BatchPlan plan, long number, boolean expires) {
    /** A random number that belongs to this batch and {@code salt}. */
    long random(long salt) {
      return Digest.scatter(Digest.scatter(Digest.scatter(plan.seed()) + number) + salt);
    }
  }

  synchronized BatchPlan plan() {
    return plan;
  }

  /** How many of the next batches still expire. */
  synchronized int toExpire() {
    return toExpire;
  }

  /** Puts a plan in force; it counts batches from here. */
  synchronized void set(BatchPlan next) {
    plan = next;
    batches = 0;
    toExpire = next.expire();
  }

  synchronized Turn next() {
    boolean expires = toExpire > 0;
    if (expires) {
      toExpire--;
    }
    return new Turn(plan, ++batches, expires);
  }
}
