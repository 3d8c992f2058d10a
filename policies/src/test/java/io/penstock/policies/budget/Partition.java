package io.penstock.policies.budget;

import java.util.ArrayList;
import java.util.List;

/** A partition of the log as its one consumer sees it, in a {@link BudgetWalk}. */
final class Partition<T> {
  private final List<T> records = new ArrayList<>();
  private int next;
  private int committed;

  void add(T one) {
    records.add(one);
  }

  boolean drained() {
    return next == records.size();
  }

  /** The next record; it counts as read only once that is said. */
  T next() {
    return records.get(next);
  }

  void read() {
    next++;
  }

  void commit() {
    committed = next;
  }

  /** What was not committed is read again. */
  void crash() {
    next = committed;
  }
}
