package io.penstock.policies.coalesce;

import java.util.ArrayList;
import java.util.List;

/** A partition as its one consumer sees it: read in order, and again from the last commit. */
final class Input<T> {
  private final List<T> records = new ArrayList<>();
  private int next;
  private int committed;
  private int everRead;

  void add(T record) {
    records.add(record);
  }

  boolean drained() {
    return next == records.size();
  }

  boolean nextIsReadAgain() {
    return next < everRead;
  }

  T next() {
    T record = records.get(next);
    next++;
    everRead = Math.max(everRead, next);
    return record;
  }

  void commit() {
    committed = next;
  }

  void rewind() {
    next = committed;
  }
}
